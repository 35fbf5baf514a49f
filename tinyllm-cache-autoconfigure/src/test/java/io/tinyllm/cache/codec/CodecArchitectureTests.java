package io.tinyllm.cache.codec;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class CodecArchitectureTests {

    private final JavaClasses codec = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.tinyllm.cache.codec");

    @Test
    void keysNeedNothingButTheJdk() {
        noClasses()
                .that()
                .haveNameMatching(".*\\.(Key.*|RecordKeys.*|BeanKeys.*|Composite|Hash64|Utf8|ValueTypes.*)")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson..", "com.fasterxml..", "org.springframework..")
                .check(codec);
    }

    @Test
    void nothingIsReadByJavaSerialization() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectInputStream")
                .check(codec);
    }
}
