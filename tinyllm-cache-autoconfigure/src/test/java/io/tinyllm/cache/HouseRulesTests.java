package io.tinyllm.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rules of the house about the size and the shape of files and packages. Packages to come are held to them as well.
 */
class HouseRulesTests {

    private static final int LONGEST_LINE = 120;
    private static final int LONGEST_FILE = 450;
    private static final int MOST_PUBLIC_TYPES = 3;

    /** The modules whose sources are checked, as seen from this one. */
    private static final List<String> MODULES =
            List.of("../tinyllm-cache-autoconfigure", "../benchmarks", "../sample-app");

    /** Files that may be longer than {@value #LONGEST_FILE} lines, and why. */
    private static final Map<String, String> LONG_FILES = Map.of(
            "core/TieredCache.java", "an essay on the algorithm, the API, and what endpoints are told of a key",
            "write/FileJournal.java", "appending, renewing and closing share one lock",
            "write/DirtyBuffer.java", "every transition of an unflushed entry is made under one lock",
            "autoconfigure/TinyLlmCacheProperties.java", "the properties are one tree",
            "prefetch/Prefetcher.java", "the comments on what may race",
            "snapshot/Snapshots.java", "saves, restores and their schedule share what a cache is doing");

    /** Packages with more than {@value #MOST_PUBLIC_TYPES} public types: how many they may have, and why. */
    private static final Map<String, Allowance> PUBLIC_TYPES = Map.ofEntries(
            allow("", 16, "what an application implements, configures or reads"),
            allow("access", 8, "the seam between the data plane and whatever learns from accesses"),
            allow("actuate", 5, "an endpoint each, and the health of all"),
            allow("analytics", 7, "the figures of an endpoint, each a record"),
            allow("assembly", 7, "what the composition root is given, and what it hands to the endpoints"),
            allow("autoconfigure", 8, "an auto-configuration each technology, and the properties"),
            allow("codec", 14, "keys, values and envelopes, which every format on disk and on the wire is made of"),
            allow("actuate.dashboard", 4, "a page for each kind of web application, and its headers"),
            allow(
                    "core",
                    16,
                    "the cache, the steps that adapters and features take part in, the loads that code is inside of"),
            allow("core.port", 18, "the ports, one a feature, and what they pass on"),
            allow("disk", 5, "directories and files, with a seam for disks that fail"),
            allow("llm", 11, "what an answer and a request are made of, free of frameworks"),
            allow("llm.ledger", 11, "what answers cost, what requests are compared by, and figures, each a record"),
            allow("memory", 4, "the tiers are put together by tests and replays too"),
            allow("metrics", 5, "a binder for each part"),
            allow("prefetch", 8, "the algorithm is replayed by the benchmarks"),
            allow("redis", 4, "the owner of the connections, a backend, its endpoint, and a store for applications"),
            allow("remote", 11, "tiers over stores of bytes, with the states that endpoints show"),
            allow("settings", 17, "a group of settings a feature"),
            allow("snapshot", 6, "the figures of an endpoint, each a record"),
            allow("spring", 7, "the manager, its cache, and what the auto-configuration registers"),
            allow("springai", 8, "the advisor, and what its auto-configuration registers"),
            allow("ttl", 6, "the algorithms are replayed by the benchmarks"),
            allow("write", 8, "the state of writes, which an endpoint shows"));

    private record Allowance(int types, String reason) {}

    private static Map.Entry<String, Allowance> allow(String name, int types, String reason) {
        return Map.entry(name, new Allowance(types, reason));
    }

    @Test
    void noLineIsLongerThanAHundredAndTwentyColumns() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources("src")) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).length() > LONGEST_LINE) {
                    tooLong.add(file + ":" + (i + 1));
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void noMainFileIsLongerThanAFewScreens() throws IOException {
        Map<String, Integer> tooLong = new TreeMap<>();
        for (Path file : sources("src/main/java")) {
            int lines = Files.readAllLines(file).size();
            if (lines > LONGEST_FILE) {
                tooLong.put(nameInPackage(file), lines);
            }
        }
        assertThat(tooLong.keySet()).isSubsetOf(LONG_FILES.keySet());
    }

    private static String nameInPackage(Path file) {
        return file.getParent().getFileName() + "/" + file.getFileName();
    }

    @Test
    void aPackageHasFewPublicTypes() {
        Map<String, Set<String>> types = new TreeMap<>();
        for (JavaClass type : classes()) {
            if (type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC)) {
                types.computeIfAbsent(packageOf(type), name -> new TreeSet<>()).add(type.getSimpleName());
            }
        }
        assertThat(types)
                .isNotEmpty()
                .allSatisfy((name, found) -> assertThat(found)
                        .as("public types of the package '%s'", name)
                        .hasSizeLessThanOrEqualTo(PUBLIC_TYPES
                                .getOrDefault(name, new Allowance(MOST_PUBLIC_TYPES, ""))
                                .types()));
    }

    @Test
    void insideAPackageDependenciesRunOneWay() {
        Map<String, Set<String>> dependencies = new HashMap<>();
        for (JavaClass type : classes()) {
            if (CIRCLES.containsKey(packageOf(type))) {
                continue;
            }
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass();
                if (target.getPackageName().equals(type.getPackageName())
                        && !topLevel(target).equals(topLevel(type))) {
                    dependencies
                            .computeIfAbsent(topLevel(type), name -> new TreeSet<>())
                            .add(topLevel(target));
                }
            }
        }
        assertThat(dependencies).isNotEmpty();
        assertThat(circle(dependencies)).isEmpty();
    }

    /**
     * Packages inside which types depend on each other, and why. {@link ArchitectureTests} look into core and spring.
     */
    private static final Map<String, String> CIRCLES = Map.of(
            "core", "a class and its builder",
            "core.port", "a port and its absence, which the port hands out",
            "spring", "a class and its builder",
            "codec", "values hold values: reading and writing descend into each other",
            "disk", "an interface that hands out its implementation for local disks",
            "springai", "an advisor and the streams that it begins",
            "write", "the journal and its segments, which are renewed by each other");

    private static Set<String> circle(Map<String, Set<String>> dependencies) {
        Map<String, Set<String>> left = new TreeMap<>();
        dependencies.forEach((from, to) -> left.put(from, new TreeSet<>(to)));
        // What depends on nothing that is left is in no circle.
        while (left.keySet().removeIf(from -> left.get(from).stream().noneMatch(left::containsKey))) {
            continue;
        }
        return new LinkedHashSet<>(left.keySet());
    }

    private static String topLevel(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer.getName();
    }

    private static String packageOf(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(ArchitectureTests.ROOT) ? "" : name.substring(ArchitectureTests.ROOT.length() + 1);
    }

    private static JavaClasses classes() {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ArchitectureTests.ROOT);
    }

    private static List<Path> sources(String folder) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String module : MODULES) {
            Path root = Path.of(module, folder);
            if (Files.isDirectory(root)) {
                try (Stream<Path> found = Files.walk(root)) {
                    found.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
                }
            }
        }
        assertThat(files).hasSizeGreaterThan(10);
        return files;
    }
}
