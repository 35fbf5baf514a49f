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

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ArchitectureTests.ROOT);

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
            allow("actuate", 5, "an endpoint each, and the health of all"),
            allow("assembly", 7, "what the composition root is given, and what it hands to the endpoints"),
            allow("autoconfigure", 8, "an auto-configuration each technology, and the properties"),
            allow("codec", 14, "keys, values and envelopes, which every format on disk and on the wire is made of"),
            allow("access", 4, "what is recorded, what is shown, who looks at it, and what it may take"),
            allow("actuate.dashboard", 4, "a page for each kind of web application, and its headers"),
            allow(
                    "core",
                    16,
                    "the cache, the steps that adapters and features take part in, the loads that code is inside of"),
            allow("core.port", 18, "the ports, one a feature, and what they pass on"),
            allow("llm", 11, "what an answer and a request are made of, free of frameworks"),
            allow("llm.ledger", 11, "what answers cost, what requests are compared by, and figures, each a record"),
            allow("memory", 4, "the tiers are put together by tests and replays too"),
            allow("prefetch", 6, "the algorithm is replayed by the benchmarks"),
            allow("redis", 4, "the owner of the connections, a backend, its endpoint, and a store for applications"),
            allow("remote", 12, "tiers over stores of bytes, with the states that endpoints show and limits of time"),
            allow("settings", 17, "a group of settings a feature"),
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
        Map<String, Set<String>> types = publicTypes();
        assertThat(types).isNotEmpty();
        types.forEach((name, found) -> {
            int most = PUBLIC_TYPES
                    .getOrDefault(name, new Allowance(MOST_PUBLIC_TYPES, ""))
                    .types();
            assertThat(found)
                    .as(
                            "package '%s' has %d public types, may have %d: make one package-private, or say in"
                                    + " PUBLIC_TYPES why it needs more",
                            name, found.size(), most)
                    .hasSizeLessThanOrEqualTo(most);
        });
    }

    @Test
    void noAllowanceIsLargerThanWhatAPackageHas() {
        Map<String, Set<String>> types = publicTypes();
        PUBLIC_TYPES.forEach((name, allowance) ->
                assertThat(types.get(name)).as("PUBLIC_TYPES of '%s'", name).hasSize(allowance.types()));
    }

    private static Map<String, Set<String>> publicTypes() {
        Map<String, Set<String>> types = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            if (type.isTopLevelClass()) {
                Set<String> found = types.computeIfAbsent(packageOf(type), name -> new TreeSet<>());
                if (type.getModifiers().contains(JavaModifier.PUBLIC)
                        && !type.getSimpleName().equals("package-info")) {
                    found.add(type.getSimpleName());
                }
            }
        }
        return types;
    }

    @Test
    void halfOfThePackagesHaveAtMostThreePublicTypes() {
        Map<String, Set<String>> types = publicTypes();
        List<Integer> counts = types.values().stream().map(Set::size).sorted().toList();
        assertThat(counts).hasSizeGreaterThan(30);
        assertThat(counts.get(counts.size() / 2)).as("median of %s", counts).isLessThanOrEqualTo(MOST_PUBLIC_TYPES);
    }

    @Test
    void insideAPackageDependenciesRunOneWay() {
        Map<String, Set<String>> dependencies = dependenciesInsideOfPackages();
        Set<String> unused = new TreeSet<>(CALLED_BACK.keySet());
        dependencies.forEach((from, to) -> to.removeIf(target -> {
            String arrow = simple(from) + " -> " + simple(target);
            boolean called = CALLED_BACK.containsKey(arrow) || CALLED_BACK.containsKey("* -> " + simple(target));
            unused.remove(arrow);
            unused.remove("* -> " + simple(target));
            return called;
        }));
        assertThat(dependencies).isNotEmpty();
        assertThat(circle(dependencies)).isEmpty();
        assertThat(unused).as("exceptions that are none").isEmpty();
    }

    /** Arrows that go back, and why: without them dependencies inside each package run one way. */
    private static final Map<String, String> CALLED_BACK = Map.ofEntries(
            Map.entry("TieredCache -> TieredCacheBuilder", "the way to the builder, which is a part of the class"),
            Map.entry("* -> Absent", "a port hands out what stands for its absence"),
            Map.entry("Disk -> LocalDisk", "the interface hands out its implementation"),
            Map.entry("DiskFile -> FileInput", "a file hands out streams over itself"),
            Map.entry("DiskFile -> FileOutput", "a file hands out streams over itself"),
            Map.entry("* -> GraphReader", "values hold values: a form has the reader read the parts"),
            Map.entry("* -> GraphWriter", "values hold values: a form has the writer write the parts"),
            Map.entry("* -> Place", "values hold values: a form knows the places of the parts, each of which has one"),
            Map.entry("* -> Forms", "types hold types: the form of a class is made of those of its fields"),
            Map.entry("* -> JdkKinds", "the table of kinds hands itself to each kind, to be filled"),
            Map.entry("TimeLeaves -> JdkLeaves", "two halves of one list"),
            Map.entry("Constants -> FieldsForm", "a constant may be an object with fields, which may be constants"),
            Map.entry("ObjectArrays -> SmallForms", "arrays name their classes as classes are named"),
            Map.entry("KeyReader -> KeyCodec", "keys hold keys"),
            Map.entry("KeyWriter -> KeyCodec", "keys hold keys"),
            Map.entry("StreamedAnswer -> StreamedAnswers", "a stream that ends badly is begun again by what began it"),
            Map.entry("Reserve -> JournalFiles", "closes as every file of a journal is closed"));

    private static Map<String, Set<String>> dependenciesInsideOfPackages() {
        Map<String, Set<String>> dependencies = new HashMap<>();
        for (JavaClass type : CLASSES) {
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
        return dependencies;
    }

    /** The types that are in a circle, or between two. */
    private static Map<String, Set<String>> circle(Map<String, Set<String>> dependencies) {
        Map<String, Set<String>> left = new TreeMap<>();
        dependencies.forEach((from, to) -> left.put(from, new TreeSet<>(to)));
        boolean shrinks = true;
        while (shrinks) {
            Set<String> targets = new TreeSet<>();
            left.forEach((from, to) -> targets.addAll(to));
            // What depends on nothing that is left is in no circle, nor is what nothing depends on.
            shrinks = left.keySet()
                    .removeIf(from ->
                            !targets.contains(from) || left.get(from).stream().noneMatch(left::containsKey));
        }
        left.values().forEach(to -> to.retainAll(left.keySet()));
        return left;
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
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
