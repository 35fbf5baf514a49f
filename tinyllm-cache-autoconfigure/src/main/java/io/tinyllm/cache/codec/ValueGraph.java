package io.tinyllm.cache.codec;

import io.tinyllm.cache.StoredForm;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Values as JSON, whole or not at all: every field of every object, with the classes that the objects have, the order
 * of what is ordered, and one object where there is one. No code of a class is asked what to write, and but for the
 * constructors of records none runs when it is read. Thread-safe.
 */
final class ValueGraph {

    private final Forms forms;
    private final ValueLimits limits;
    private final JsonFactory json;

    /**
     * @throws IllegalArgumentException if two stored forms are of one type
     */
    ValueGraph(ValueLimits limits, List<? extends StoredForm<?>> stored) {
        this.forms = new Forms(stored);
        this.limits = limits;
        this.json = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(limits.depth())
                        .maxStringLength(limits.textLength())
                        .maxDocumentLength(limits.documentLength())
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(limits.depth())
                        .build())
                .build();
    }

    Forms forms() {
        return forms;
    }

    /**
     * Writes a value.
     *
     * @throws UnsupportedValueException if it has no stored form
     */
    void write(OutputStream out, Object value, ClassAccess access) {
        try (JsonGenerator generator = json.createGenerator(ObjectWriteContext.empty(), out)) {
            new GraphWriter(generator, forms, access, limits).value(value, Place.ANY);
        } catch (RuntimeException e) {
            throw new UnsupportedValueException(
                    ClassRules.stableName(value.getClass()), Refusal.of(e).reason());
        } catch (StackOverflowError e) {
            throw new UnsupportedValueException(ClassRules.stableName(value.getClass()), "it is nested too deeply");
        } catch (LinkageError e) {
            throw new UnsupportedValueException(
                    ClassRules.stableName(value.getClass()),
                    "writing it fails with " + e.getClass().getName());
        }
    }

    /**
     * Reads a value. Throws whatever bytes that are none may bring about.
     *
     * @throws UnreadableException with the fault that is known
     */
    @Nullable
    Object read(byte[] bytes, ClassAccess access) {
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), bytes)) {
            return new GraphReader(parser, forms, access).all();
        }
    }
}
