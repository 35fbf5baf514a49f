package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.codec.ValueCodec.Decoded;
import io.tinyllm.cache.codec.ValueCodec.Encoded;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the release before has written is read by the next as the right value, or not at all. */
class ClassChangesTests {

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /** What the compiler has read of the class path is read once. */
    private static final StandardJavaFileManager JDK_FILES = COMPILER.getStandardFileManager(null, null, null);

    /** A release: the sources of its classes, one of which makes a value. */
    private record Release(String... sources) {}

    private record Change(String name, String right, Release before, Release after) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String MAKE = make("Item", "Item i = new Item(); i.a = \"x\"; i.n = 7; return i;");
    private static final String NEW = make("Item", "return new Item();");
    private static final String ITEM = bean("Item", "String a", "int n");
    private static final String LIST = make(
            "List<Item>",
            "Item i = new Item(); i.a = \"x\"; i.n = 7; Item j = new Item(); return new ArrayList<>(List.of(i, j));");

    static List<Change> changes() {
        Release release = new Release(ITEM, MAKE);
        return List.of(
                new Change("unchanged", "a=x n=7", release, release),
                new Change(
                        "field added", null, release, new Release(bean("Item", "String a", "int n", "String b"), MAKE)),
                new Change(
                        "field added with a default",
                        null,
                        release,
                        new Release(bean("Item", "String a", "int n", "String b = \"d\""), MAKE)),
                new Change(
                        "field added, in a list",
                        null,
                        new Release(ITEM, LIST),
                        new Release(bean("Item", "String a", "int n", "String b"), LIST)),
                new Change("field removed", null, release, new Release(bean("Item", "int n"), NEW)),
                new Change("field renamed", null, release, new Release(bean("Item", "String b", "int n"), NEW)),
                new Change("int to long", null, release, new Release(bean("Item", "String a", "long n"), MAKE)),
                new Change("int to text", null, release, new Release(bean("Item", "String a", "String n"), NEW)),
                new Change(
                        "text to int",
                        null,
                        new Release(
                                bean("Item", "String a"), make("Item", "Item i = new Item(); i.a = \"12\"; return i;")),
                        new Release(bean("Item", "int a"), NEW)),
                new Change(
                        "fields swap names",
                        null,
                        new Release(
                                bean("Item", "String a", "String b"),
                                make("Item", "Item i = new Item(); i.a = \"x\"; i.b = \"y\"; return i;")),
                        new Release(bean("Item", "String b", "String c"), NEW)),
                new Change(
                        "element type of a list",
                        null,
                        new Release(
                                bean("Item", "List<Long> l"),
                                make("Item", "Item i = new Item(); i.l = new ArrayList<>(List.of(5L)); return i;")),
                        new Release(bean("Item", "List<String> l"), NEW)),
                new Change(
                        "constant renamed",
                        null,
                        new Release(
                                source("public enum E { A, B }"),
                                bean("Item", "E e"),
                                make("Item", "Item i = new Item(); i.e = E.B; return i;")),
                        new Release(source("public enum E { A, C }"), bean("Item", "E e"), NEW)),
                new Change(
                        "constants reordered",
                        "e=B",
                        new Release(
                                source("public enum E { A, B }"),
                                bean("Item", "E e"),
                                make("Item", "Item i = new Item(); i.e = E.B; return i;")),
                        new Release(source("public enum E { B, A }"), bean("Item", "E e"), NEW)),
                new Change(
                        "class renamed",
                        null,
                        release,
                        new Release(bean("Thing", "String a", "int n"), make("Thing", "return new Thing();"))),
                new Change(
                        "component added",
                        null,
                        new Release(source("public record Item(String a) {}"), make("Item", "return new Item(\"x\");")),
                        new Release(
                                source("public record Item(String a, String b) {}"),
                                make("Item", "return new Item(null, null);"))),
                new Change(
                        "components reordered",
                        null,
                        new Release(
                                source("public record Item(String a, String b) {}"),
                                make("Item", "return new Item(\"x\", \"y\");")),
                        new Release(
                                source("public record Item(String b, String a) {}"),
                                make("Item", "return new Item(null, null);"))),
                new Change(
                        "nested class changed",
                        null,
                        new Release(
                                bean("In", "int x"),
                                bean("Item", "In i"),
                                make("Item", "Item i = new Item(); i.i = new In(); i.i.x = 3; return i;")),
                        new Release(bean("In", "int x", "String y"), bean("Item", "In i"), NEW)),
                new Change(
                        "field moved to a superclass",
                        null,
                        release,
                        new Release(
                                source("public class Base { public String a; }"),
                                bean("Item", "int n").replace("class Item", "class Item extends Base"),
                                MAKE)),
                new Change(
                        "class became a record",
                        null,
                        release,
                        new Release(
                                source("public record Item(String a, int n) {}"),
                                make("Item", "return new Item(null, 0);"))),
                new Change(
                        "bean of a field became an enum",
                        null,
                        new Release(
                                bean("In", "int x"),
                                bean("Item", "In i", "In j"),
                                make("Item", "Item i = new Item(); i.i = new In(); i.j = new In(); return i;")),
                        new Release(source("public enum In { A }"), bean("Item", "In i", "In j"), NEW)),
                new Change(
                        "enum of a field became a record",
                        null,
                        new Release(
                                source("public enum In { A }"),
                                bean("Item", "In i"),
                                make("Item", "Item i = new Item(); i.i = In.A; return i;")),
                        new Release(source("public record In(String x) {}"), bean("Item", "In i"), NEW)),
                new Change(
                        "type argument of the superclass",
                        null,
                        new Release(
                                source("public class Base<T> { public T id; }"),
                                bean("Item", "int n").replace("class Item", "class Item extends Base<Long>"),
                                make("Item", "Item i = new Item(); i.id = 5L; return i;")),
                        new Release(
                                source("public class Base<T> { public T id; }"),
                                bean("Item", "int n").replace("class Item", "class Item extends Base<String>"),
                                NEW)));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void aChangedClassIsAMissAndNeverAnotherValue(Change change) throws Exception {
        ClassLoader before = compile(change.before);
        ClassLoader after = compile(change.after);
        Encoded encoded = codec(before).encode("c", value(before));
        Decoded decoded = codec(after).decode("c", encoded.type(), encoded.json());
        if (change.right == null) {
            assertThat(decoded.ok()).isFalse();
            assertThat(decoded.fault()).isIn(Fault.CLASS_CHANGED, Fault.TYPE_NOT_ALLOWED, Fault.UNREADABLE);
        } else {
            assertThat(decoded.ok()).isTrue();
            assertThat(decoded.value().getClass().getClassLoader()).isSameAs(after);
            assertThat(decoded.value()).hasToString(change.right);
        }
    }

    @Test
    void aFieldMoreIsToldAsAChangedClass() throws Exception {
        Encoded encoded = codec(compile(new Release(ITEM, MAKE))).encode("c", value(compile(new Release(ITEM, MAKE))));
        ClassLoader after = compile(new Release(bean("Item", "String a", "int n", "String b"), NEW));
        assertThat(codec(after).decode("c", "", encoded.json()).fault()).isEqualTo(Fault.CLASS_CHANGED);
    }

    @Test
    void aClassLoaderGoesThoughItsValuesWereWrittenAndRead() throws Exception {
        ValueCodec codec =
                new ValueCodec(new ValueTypes(Set.of(), getClass().getClassLoader()), ValueLimits.DEFAULT, List.of());
        ValueSizer longLived = new ValueSizer();
        WeakReference<ClassLoader> loader = use(longLived);
        for (int i = 0; i < 50 && loader.get() != null; i++) {
            System.gc();
            byte[] pressure = new byte[1 << 20];
            assertThat(pressure).hasSize(1 << 20);
        }
        assertThat(loader.get()).isNull();
        assertThat(codec.encode("c", 1).json()).isNotEmpty();
        assertThat(longLived.sizeOf(1, 10)).isEqualTo(1);
    }

    private static WeakReference<ClassLoader> use(ValueSizer longLived) throws Exception {
        ClassLoader loader = compile(new Release(ITEM, LIST));
        Object value = value(loader);
        ValueCodec codec = codec(loader);
        Encoded encoded = codec.encode("c", value);
        assertThat(codec.decode("c", encoded.type(), encoded.json()).ok()).isTrue();
        assertThat(longLived.sizeOf(value, 1_000)).isEqualTo(encoded.json().length);
        return new WeakReference<>(loader);
    }

    private static ValueCodec codec(ClassLoader loader) {
        return new ValueCodec(new ValueTypes(Set.of("evo."), loader), ValueLimits.DEFAULT, List.of());
    }

    private static Object value(ClassLoader loader) throws ReflectiveOperationException {
        return loader.loadClass("evo.Make").getMethod("value").invoke(null);
    }

    private static String source(String body) {
        return "package evo; import java.util.*; " + body;
    }

    private static String make(String type, String body) {
        return source("public class Make { public static " + type + " value() { " + body + " } }");
    }

    private static String bean(String name, String... fields) {
        return source("public class " + name + " { public " + String.join("; public ", fields)
                + "; public String toString() { try { StringJoiner b = new StringJoiner(\" \"); "
                + "for (var f : getClass().getFields()) b.add(f.getName() + '=' + f.get(this)); "
                + "return b.toString(); } catch (Exception e) { return e.toString(); } } }");
    }

    private static ClassLoader compile(Release release) {
        Map<String, ByteArrayOutputStream> classes = new HashMap<>();
        List<JavaFileObject> sources = new ArrayList<>();
        for (String source : release.sources) {
            String name = source.replaceAll("(?s).*?public (?:class|record|enum|interface) (\\w+).*", "$1");
            sources.add(
                    new SimpleJavaFileObject(
                            URI.create("string:///evo/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                        @Override
                        public CharSequence getCharContent(boolean ignoreErrors) {
                            return source;
                        }
                    });
        }
        var files = new ForwardingJavaFileManager<>(JDK_FILES) {
            @Override
            public JavaFileObject getJavaFileForOutput(
                    Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
                return new SimpleJavaFileObject(URI.create("mem:///" + name), kind) {
                    @Override
                    public OutputStream openOutputStream() {
                        return classes.computeIfAbsent(name, n -> new ByteArrayOutputStream());
                    }
                };
            }
        };
        List<String> options = List.of("-parameters", "-proc:none", "-nowarn");
        assertThat(COMPILER.getTask(null, files, null, options, null, sources).call())
                .isTrue();
        return new ClassLoader(ClassChangesTests.class.getClassLoader()) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                ByteArrayOutputStream code = classes.get(name);
                if (code == null) {
                    throw new ClassNotFoundException(name);
                }
                return defineClass(name, code.toByteArray(), 0, code.size());
            }
        };
    }
}
