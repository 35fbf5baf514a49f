package io.tinyllm.cache;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.ObjectInputStream;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.Conditional;
import org.springframework.util.unit.DataSize;

/** The rules of the house that a program can check. They name packages to come as well. */
@AnalyzeClasses(packages = ArchitectureTests.ROOT, importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

    static final String ROOT = "io.tinyllm.cache";

    /** What every package may see: the types of the application's code, and its settings. */
    private static final String[] API = {ROOT, ROOT + ".settings"};

    private static final String[] JDK = {"java..", "javax..", "org.jspecify.."};

    /** One package a feature: none of them knows another. */
    private static final List<String> FEATURES = List.of(
            "memory",
            "limit",
            "observe",
            "negative",
            "bypass",
            "write",
            "remote",
            "redis",
            "analytics",
            "prefetch",
            "tuning",
            "ttl",
            "snapshot",
            "tags",
            "llm");

    /** What features share: codecs, the seam of accesses, and files. None of them sees a feature. */
    private static final String[] SHARED = {"codec", "access", "disk"};

    /** The packages that put together, adapt or show what the features do. */
    private static final List<String> EDGES =
            List.of("assembly", "spring", "springai", "metrics", "actuate", "autoconfigure");

    /** Look-up tables that are bounded by Caffeine, and what only looks for beans of it. */
    private static final String[] BOUNDED_TABLES = {ROOT + ".autoconfigure.IgnoredSettings"};

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    /** A class and its builder count as one, and what stands for an absent feature belongs to each port. */
    @ArchTest
    static final ArchRule dependenciesInsideOfCoreAndSpringRunOneWay = slices().assignedFrom(
                    new TopLevelClassesOf("core", "core.port", "spring"))
            .should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule theRootPackageSeesTheJdkAndTwoTypesOfSpring = classes()
            .that()
            .resideInAnyPackage(API)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(JDK)
                    .or(resideInAnyPackage(API))
                    .or(JavaClass.Predicates.type(DataSize.class))
                    .or(JavaClass.Predicates.type(NestedConfigurationProperty.class)));

    @ArchTest
    static final ArchRule theCoreSeesTheRootPackageAndTheJdk = classes()
            .that(in("core"))
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(JDK).or(resideInAnyPackage(API)).or(in("core")));

    @ArchTest
    static final ArchRule whatFeaturesShareSeesNoFeature = classes()
            .that(in(SHARED))
            .should()
            .onlyDependOnClassesThat(
                    not(ours()).or(resideInAnyPackage(API)).or(in("core")).or(in(SHARED)));

    @ArchTest
    static final ArchRule disksSeeTheJdkAlone = classes()
            .that(in("disk"))
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(JDK).or(in("disk")));

    @ArchTest
    static final ArchRule caffeineIsSeenWhereEntriesAreHeldAndInBoundedTablesOnly = noClasses()
            .that(not(in("memory", "negative")).and(describe("are no bounded tables", type -> !isBoundedTable(type))))
            .should()
            .dependOnClassesThat(resideInAPackage("com.github.benmanes.caffeine.."));

    @ArchTest
    static final ArchRule redisIsSeenInRedisOnly = noClasses()
            .that(not(in("redis", "autoconfigure")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "io.lettuce..", "org.springframework.data.redis..", "org.springframework.boot.data.redis.."));

    @ArchTest
    static final ArchRule lettuceIsSeenInRedisOnly = onlyIn(resideInAPackage("io.lettuce.."), "redis");

    @ArchTest
    static final ArchRule jacksonIsSeenInCodecSnapshotAndSpringAiOnly =
            onlyIn(resideInAnyPackage("tools.jackson..", "com.fasterxml.jackson.."), "codec", "snapshot", "springai");

    /** Values are written by streams: what the application says of its types for its own mappers is not asked. */
    @ArchTest
    static final ArchRule nothingBindsData =
            noClasses().should().dependOnClassesThat(resideInAPackage("tools.jackson.databind.."));

    /**
     * But for the type of a setting, which is read where settings become caches, and in the codec for the reader of
     * class files that proves what a record's constructor does, and the rows of JdbcTemplate, whose fields do not tell
     * what they are.
     */
    @ArchTest
    static final ArchRule springIsSeenAtTheEdgesOnly = noClasses()
            .that(not(in("spring", "springai", "redis", "metrics", "actuate", "autoconfigure"))
                    .and(not(resideInAnyPackage(API)))
                    .and(not(describe(
                            "are the codec's two",
                            type -> type.getName()
                                    .matches("\\Q" + ROOT + ".codec.\\E(RecordProof|LibraryForms)(\\$.*)?")))))
            .should()
            .dependOnClassesThat(
                    resideInAPackage("org.springframework..").and(not(JavaClass.Predicates.type(DataSize.class))));

    @ArchTest
    static final ArchRule answersAreFreeOfFrameworks = classes()
            .that(in("llm"))
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(JDK).or(in("llm")))
            .allowEmptyShould(true);

    /** It works on any cache of Spring's, and so sees no tier, no codec and nothing of how caches are put together. */
    @ArchTest
    static final ArchRule theAdvisorSeesAnswersAndCachesOfSpringOnly = classes()
            .that(in("springai"))
            .should()
            .onlyDependOnClassesThat(not(ours()).or(resideInAnyPackage(API)).or(in("llm", "springai")))
            .allowEmptyShould(true);

    /** An application without Spring AI loads none of the classes that need it. */
    @ArchTest
    static final ArchRule springAiIsSeenInItsOwnPackageOnly =
            onlyIn(resideInAnyPackage("org.springframework.ai..").or(in("springai")), "springai", "autoconfigure");

    @ArchTest
    static final ArchRule nothingIsReadByJavaSerialization =
            noClasses().should().dependOnClassesThat().areAssignableTo(ObjectInputStream.class);

    @ArchTest
    static final ArchRule timeAndThreadsAreInjected = noClasses()
            .that(not(in("assembly", "autoconfigure", "access")))
            .should()
            .callCodeUnitWhere(describe("reads a clock or makes a thread", ArchitectureTests::isClockOrThread));

    /** The JDK's timer has a thread that outlives the application which was the first to use it. */
    @ArchTest
    static final ArchRule delaysGoByTheTimerOfTheApplication = noClasses()
            .that(describe("are not its port", type -> !type.getName().startsWith(ROOT + ".core.Background")))
            .should()
            .callCodeUnitWhere(describe(
                    "waits on the JDK's timer",
                    call -> Set.of("orTimeout", "completeOnTimeout", "delayedExecutor")
                            .contains(call.getName())));

    @ArchTest
    static final ArchRule conditionsAreSeenInAutoConfigurationsOnly = noClasses()
            .that(not(in("autoconfigure")))
            .should()
            .dependOnClassesThat(resideInAPackage("org.springframework.boot.autoconfigure..")
                    .or(JavaClass.Predicates.type(Conditional.class))
                    .or(JavaClass.Predicates.type(Condition.class)));

    /** That of Spring itself, which writes to whatever the application logs by. */
    @ArchTest
    static final ArchRule commonsLoggingIsTheOnlyWayToTheLog = noClasses()
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("org.slf4j..", "java.util.logging..", "ch.qos.logback..", "org.apache.logging..")
                            .or(JavaClass.Predicates.assignableTo(System.Logger.class))
                            .or(JavaClass.Predicates.type(System.Logger.Level.class)));

    @ArchTest
    static final ArchRule autoConfigurationsAreFinal = classes()
            .that()
            .areAnnotatedWith(AutoConfiguration.class)
            .should()
            .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);

    /** But for Redis, which is the store behind the remote tier: it sees that package, never the other way round. */
    @ArchTest
    static void featuresSeeTheCoreAndWhatTheyShareButNotEachOther(JavaClasses classes) {
        for (String feature : FEATURES) {
            classes()
                    .that(in(feature))
                    .should()
                    .onlyDependOnClassesThat(not(ours())
                            .or(resideInAnyPackage(API))
                            .or(in(feature, "core"))
                            .or(in(SHARED))
                            .or(feature.equals("redis") ? in("remote") : in(feature)))
                    .allowEmptyShould(true)
                    .check(classes);
        }
    }

    @ArchTest
    static void everyPackageIsNullMarkedAndKnownToTheseRules(JavaClasses classes) {
        Set<String> known = new HashSet<>(FEATURES);
        known.addAll(List.of("settings", "core"));
        known.addAll(List.of(SHARED));
        known.addAll(EDGES);
        for (JavaClass type : classes) {
            String name = type.getPackageName();
            if (!name.equals(ROOT)) {
                assertThat(known)
                        .as("add the package to FEATURES, or to another list of ArchitectureTests")
                        .contains(name.substring(ROOT.length() + 1).split("\\.")[0]);
            }
            assertThat(type.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked"))
                    .as("package-info.java of " + name)
                    .isTrue();
        }
    }

    @Test
    void noTestIsDisabled() {
        JavaClasses tests = testClasses();
        classes().should().notBeAnnotatedWith(Disabled.class).check(tests);
        methods().should().notBeAnnotatedWith(Disabled.class).check(tests);
        methods().should().notBeAnnotatedWith("org.junit.Ignore").check(tests);
    }

    /** A rule that cannot fail proves nothing: these must reject a class that breaks them. */
    @Test
    void theRulesRejectWhatBreaksThem() {
        JavaClasses culprit = new ClassFileImporter().importClasses(Culprit.class);
        for (ArchRule rule : List.of(
                timeAndThreadsAreInjected,
                nothingIsReadByJavaSerialization,
                caffeineIsSeenWhereEntriesAreHeldAndInBoundedTablesOnly,
                commonsLoggingIsTheOnlyWayToTheLog,
                conditionsAreSeenInAutoConfigurationsOnly,
                theRootPackageSeesTheJdkAndTwoTypesOfSpring)) {
            assertThatThrownBy(() -> rule.allowEmptyShould(true).check(culprit))
                    .as(rule.getDescription())
                    .isInstanceOf(AssertionError.class);
        }
    }

    private static boolean isClockOrThread(JavaCall<?> call) {
        String owner = call.getTargetOwner().getName();
        String name = call.getName();
        return switch (owner) {
            case "java.lang.System" -> name.equals("nanoTime") || name.equals("currentTimeMillis");
            case "java.time.Clock" -> name.startsWith("system") || name.startsWith("tick");
            case "java.time.Instant", "java.time.LocalDateTime", "java.time.ZonedDateTime" ->
                name.equals("now") && !call.getTarget().getRawParameterTypes().contains(clock());
            case "java.lang.Thread" -> name.equals("<init>") || name.equals("sleep");
            case "java.util.Timer" -> name.equals("<init>");
            default -> owner.equals(Executors.class.getName());
        };
    }

    private static boolean isBoundedTable(JavaClass type) {
        String name = type.getName();
        return Stream.of(BOUNDED_TABLES).anyMatch(table -> name.equals(table) || name.startsWith(table + "$"));
    }

    private static JavaClass clock() {
        return new ClassFileImporter().importClass(Clock.class);
    }

    private static ArchRule onlyIn(DescribedPredicate<? super JavaClass> library, String... packages) {
        return noClasses().that(not(in(packages))).should().dependOnClassesThat(library);
    }

    private static DescribedPredicate<JavaClass> in(String... packages) {
        return resideInAnyPackage(
                Stream.of(packages).map(name -> ROOT + "." + name + "..").toArray(String[]::new));
    }

    private static DescribedPredicate<JavaClass> ours() {
        return resideInAPackage(ROOT + "..");
    }

    private static JavaClasses testClasses() {
        return new ClassFileImporter()
                .withImportOption(location -> isTest(location))
                .importPackages(ROOT);
    }

    private static boolean isTest(Location location) {
        return ImportOption.Predefined.ONLY_INCLUDE_TESTS.includes(location);
    }

    /** Each class of some packages, with those inside of it. */
    private record TopLevelClassesOf(List<String> packages) implements SliceAssignment {

        TopLevelClassesOf(String... packages) {
            this(List.of(packages));
        }

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return !type.getName().startsWith(ROOT + ".core.port.Absent")
                            && packages.stream()
                                    .anyMatch(name -> type.getPackageName().equals(ROOT + "." + name))
                    ? SliceIdentifier.of(type.getName().replaceFirst("(Builder)?(\\$.*)?$", ""))
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "the classes of " + packages;
        }
    }

    /** Breaks rules, and is never run. */
    static final class Culprit {

        Object breakThem() throws Exception {
            List<Object> broken = new ArrayList<>();
            broken.add(System.nanoTime());
            broken.add(new ObjectInputStream(null));
            broken.add(com.github.benmanes.caffeine.cache.Caffeine.newBuilder());
            System.Logger log = System.getLogger("culprit");
            log.log(System.Logger.Level.INFO, "broken");
            broken.add(log);
            broken.add(AutoConfigurations.of());
            broken.add(ManagementFactory.getRuntimeMXBean());
            return broken;
        }
    }
}
