package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.ResponseEntity;

/** Which names in bytes are resolved to classes. */
class ValueTypesTests {

    /** Knows every class that it was asked for. */
    private static final class Asked extends ClassLoader {

        private final List<String> names = new ArrayList<>();

        Asked() {
            super(ValueTypesTests.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            names.add(name);
            return super.loadClass(name, resolve);
        }
    }

    record Line(Article article) {}

    static class Article extends Base {
        List<? extends Colour> colours;
        Map<String, Price[]> prices;
        static Unrelated unrelated;
    }

    static class Base {
        Optional<Inherited> inherited;
    }

    static class Inherited {}

    static class Price {}

    static class Unrelated {}

    sealed interface Colour permits Red, Green {}

    record Red(Shade shade) implements Colour {}

    record Green() implements Colour {}

    enum Shade {
        DARK
    }

    static CompletableFuture<List<Line>> method() {
        return CompletableFuture.completedFuture(List.of());
    }

    private static Type declared() throws NoSuchMethodException {
        return ValueTypesTests.class.getDeclaredMethod("method").getGenericReturnType();
    }

    private final Asked loader = new Asked();

    private ValueTypes types(List<String> allowed, List<String> application) {
        return new ValueTypes(allowed, application, loader);
    }

    @Test
    void whatIsDeclaredIsAllowedWithAllThatItHolds() throws Exception {
        ValueTypes types = types(List.of(), List.of());
        types.declare("cache", declared());
        for (Class<?> held : List.of(
                Line.class,
                Article.class,
                Base.class,
                Inherited.class,
                Price.class,
                Colour.class,
                Red.class,
                Green.class,
                Shade.class)) {
            assertThat(types.access("cache").resolve(held.getName())).isEqualTo(held);
            assertThat(types.allows(held)).isTrue();
        }
        assertThat(types.access("cache").resolve(Unrelated.class.getName())).isNull();
        assertThat(types.allows(Unrelated[].class)).isFalse();
        assertThat(types.allows(Price[][].class)).isTrue();
        assertThat(loader.names).as("loaded by name").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "com.acme.modelevil.Gadget",
                "com.acme.mode.Gadget",
                "com.acmeXmodel.Gadget",
                "com.acme.model",
                "Gadget",
                "",
                ".",
                "java.lang.Thread",
                "java.lang.ProcessBuilder",
                "javax.script.ScriptEngineManager",
                "org.springframework.context.support.ClassPathXmlApplicationContext",
                "org.springframework.data.domain.evil.PageImpl",
                "org.springframework.http.ResponseEntityEvil",
                "tools.jackson.databind.node.evil.Gadget",
                "com.fasterxml.jackson.databind.nodeevil.Gadget",
                "[Lcom.acme.model.Gadget;",
                "io.tinyllm.cache.core.TieredCache"
            })
    void noOtherNameIsAskedForAtAClassLoader(String name) {
        ValueTypes types = types(List.of("com.acme.model."), List.of("com.acme.model"));
        assertThat(types.access("cache").resolve(name)).isNull();
        assertThat(types.resolve(name + "[]")).isNull();
        assertThat(loader.names).isEmpty();
    }

    @Test
    void aNameThatIsTooLongIsNotEvenLookedAt() {
        ValueTypes types = types(List.of(), List.of("com.acme"));
        assertThat(types.resolve("com.acme." + "x".repeat(600))).isNull();
        assertThat(types.resolve("int" + "[]".repeat(9))).isNull();
        assertThat(types.resolve("int" + "[]".repeat(8))).isEqualTo(int[][][][][][][][].class);
        assertThat(loader.names).isEmpty();
    }

    @Test
    void classesOfTheApplicationsPackagesAreAllowedAndOfNoOther() {
        String own = ValueTypesTests.class.getPackageName();
        assertThat(types(List.of(), List.of(own)).access("cache").resolve(Unrelated.class.getName()))
                .isEqualTo(Unrelated.class);
        assertThat(types(List.of(), List.of("io.tinyllm")).allows(Unrelated.class))
                .isTrue();
        assertThat(types(List.of(), List.of("io.tinyll")).allows(Unrelated.class))
                .isFalse();
        assertThat(types(List.of(), List.of("io.tinyllm.cache.code")).allows(Unrelated.class))
                .isFalse();
        assertThat(types(List.of(), List.of("")).allows(Unrelated.class))
                .as("the packages of an application without a package")
                .isFalse();
    }

    @Test
    void valueClassesOfLibrariesAreAllowedWhereTheyAre() {
        ValueTypes types = types(List.of(), List.of());
        assertThat(types.access("cache").resolve("org.springframework.http.ResponseEntity"))
                .isEqualTo(ResponseEntity.class);
        assertThat(types.access("cache").resolve("org.springframework.security.core.userdetails.User"))
                .isEqualTo(org.springframework.security.core.userdetails.User.class);
        assertThat(types.access("cache").resolve("org.springframework.security.core.userdetails.Nobody"))
                .as("not on the class path")
                .isNull();
    }

    @Test
    void aClassThatWasWrittenForACacheIsAllowedThereAndNowhereElse() {
        ValueTypes types = types(List.of(), List.of());
        types.access("cache").written(Unrelated.class);
        assertThat(types.access("cache").resolve(Unrelated.class.getName())).isEqualTo(Unrelated.class);
        assertThat(types.access("other").resolve(Unrelated.class.getName())).isNull();
        assertThat(types.resolve(Unrelated.class.getName())).as("in keys").isNull();
        assertThat(types.lasting().access("cache").resolve(Unrelated.class.getName()))
                .as("in files")
                .isNull();
    }

    @Test
    void whatTheNextProcessCouldNotReadIsRefusedWhenItIsWritten() throws Exception {
        ValueTypes types = types(List.of(Unrelated.class.getName()), List.of());
        types.declare("cache", declared());
        ClassAccess lasting = types.lasting().access("cache");
        lasting.written(Line.class);
        lasting.written(Unrelated.class);
        assertThatThrownBy(() -> lasting.written(ValueTypesTests.class))
                .isInstanceOf(UnsupportedValueException.class)
                .hasMessageContaining("allowed-types");
    }

    @Test
    void theRootOfAValueFitsWhatIsDeclaredOrListed() throws Exception {
        ValueTypes types = types(List.of(Unrelated.class.getName()), List.of("io.tinyllm"));
        assertThat(types.fits("cache", Price.class)).as("nothing declared").isTrue();
        types.declare("cache", declared());
        assertThat(types.fits("cache", ArrayList.class)).isTrue();
        assertThat(types.fits("cache", Line.class)).isFalse();
        assertThat(types.fits("cache", Unrelated.class)).as("listed").isTrue();
        types.declareAnywhere(Line.class);
        assertThat(types.fits("cache", Line.class))
                .as("of a cache that is chosen at run time")
                .isTrue();
        types.declare("numbers", int.class);
        assertThat(types.fits("numbers", Integer.class)).isTrue();
        assertThat(types.fits("numbers", Long.class)).isFalse();
    }
}
