package io.tinyllm.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Inside of a package, too, classes depend on each other one way, and this goes for callbacks: who calls an interface
 * of ours depends on the classes that implement it. A class that implements the interface it calls hands calls on to
 * others of its kind (a decorator), which is no callback.
 */
class OneWayTests {

    private static final String ROOT = ArchitectureTests.ROOT;

    /** Stands for what is off in every port, and so is known to all of them and calls none. */
    private static final String ABSENT = ROOT + ".core.port.Absent";

    /** A refresh is the method called again, through all of the interceptor. */
    private static final Set<String> AGAIN = Set.of(ROOT + ".spring.CacheableInvocation$Refresher");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    /** In these, one calls others of its kind on purpose. */
    private static final Map<String, String> RECURSIVE = Map.of(
            "codec", "a value is a graph, and the form of each part asks for the forms of what is in it",
            "disk", "a file hands out the channels that read it",
            "remote", "replicas are tiers behind the port that the one before them stands behind",
            "springai", "a stream is one of the answers that begins it again",
            "tuning.budget", "a member of a budget is asked for its demand and told its share",
            "write", "a journal knows the records that it hands out; a store is asked through a guard that is one");

    private static Stream<String> packages() {
        return MAIN.stream()
                .map(JavaClass::getPackageName)
                .map(name -> name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1))
                .distinct()
                .filter(name -> !RECURSIVE.containsKey(name) && !name.startsWith("core"));
    }

    @ParameterizedTest
    @MethodSource("packages")
    void classesDependOneWayAlsoThroughCallbacks(String packages) {
        Map<String, Set<String>> arrows = arrows(MAIN, List.of(packages.split(", ")), AGAIN);
        assertThat(circle(arrows)).as("a circle in " + packages).isNull();
    }

    @Test
    void thoseOfTheCoreDependOneWayAcrossItsPackages() {
        classesDependOneWayAlsoThroughCallbacks("core, core.port");
    }

    @Test
    void whatIsExemptNeedsIt() {
        assertThat(RECURSIVE.keySet())
                .allSatisfy(name -> assertThat(circle(arrows(MAIN, List.of(name), AGAIN)))
                        .as(name)
                        .isNotNull());
    }

    /** The one callback that is allowed is a circle indeed, so that the search would find another. */
    @Test
    void theSearchFindsACallback() {
        assertThat(circle(arrows(MAIN, List.of("spring"), Set.of()))).isNotNull();
    }

    private static Map<String, Set<String>> arrows(JavaClasses classes, List<String> packages, Set<String> again) {
        Map<String, Set<String>> arrows = new TreeMap<>();
        for (JavaClass type : classes) {
            if (packages.stream()
                    .anyMatch(name -> type.getPackageName().equals((ROOT + "." + name).replaceAll("\\.$", "")))) {
                arrows.computeIfAbsent(file(type), none -> new TreeSet<>());
            }
        }
        arrows.remove(ABSENT);
        for (JavaClass type : classes) {
            Set<String> known = arrows.get(file(type));
            if (known == null) {
                continue;
            }
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                known.add(file(dependency.getTargetClass()));
            }
            for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
                JavaClass called = call.getTargetOwner();
                if (called.isInterface()
                        && called.getName().startsWith(ROOT)
                        && !type.isAssignableTo(called.getName())
                        && !again.contains(called.getName())) {
                    called.getAllSubclasses().forEach(one -> known.add(file(one)));
                }
            }
        }
        arrows.forEach((file, known) -> {
            known.remove(file);
            known.retainAll(arrows.keySet());
        });
        return arrows;
    }

    /** Returns the name of the file of a class; one with that of its builder, which makes it from within. */
    private static String file(JavaClass type) {
        return type.getBaseComponentType().getName().replaceFirst("(Builder)?(\\$.*)?$", "");
    }

    /** Returns the files of a circle in their order, or null where there is none. */
    private static @Nullable List<String> circle(Map<String, Set<String>> arrows) {
        Set<String> done = new HashSet<>();
        for (String start : arrows.keySet()) {
            Deque<String> way = new ArrayDeque<>();
            if (runsIntoItself(start, arrows, way, done)) {
                return List.copyOf(way);
            }
        }
        return null;
    }

    private static boolean runsIntoItself(
            String at, Map<String, Set<String>> arrows, Deque<String> way, Set<String> done) {
        boolean seen = way.contains(at);
        way.addLast(at);
        if (seen) {
            return true;
        }
        for (String next : done.contains(at) ? Set.<String>of() : arrows.get(at)) {
            if (runsIntoItself(next, arrows, way, done)) {
                return true;
            }
        }
        way.removeLast();
        done.add(at);
        return false;
    }
}
