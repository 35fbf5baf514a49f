package io.tinyllm.cache.codec;

import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;

/** One value being written. An object that was met before is written as <code>{"#":number}</code>. Not thread-safe. */
final class GraphWriter {

    /** The longest array of bytes that is made. */
    static final int MOST_BYTES = Integer.MAX_VALUE / 2;

    /** Marks a reference to an object by its number, in the order of writing. */
    static final SerializedString REFERENCE = new SerializedString("#");

    /** Marks, at places where bare objects stand, an object whose tag could be taken for the name of a field. */
    static final SerializedString OTHER = new SerializedString("");

    private final JsonGenerator json;
    private final Forms forms;
    private final ClassAccess access;
    private final int longestText;
    private final IdentityNumbers numbers = new IdentityNumbers();
    private final Progress progress = new Progress(Refusal::new);
    private final BitSet named = new BitSet();

    GraphWriter(JsonGenerator json, Forms forms, ClassAccess access, ValueLimits limits) {
        this.json = json;
        this.forms = forms;
        this.access = access;
        this.longestText = limits.textLength();
    }

    JsonGenerator json() {
        return json;
    }

    Progress progress() {
        return progress;
    }

    /** Writes an object or null, with its tag unless the place spares it. */
    void value(@Nullable Object value, Place place) {
        progress.value();
        if (value == null) {
            json.writeNull();
            return;
        }
        Form expected = place.form();
        Class<?> type = value.getClass();
        if (expected == null && isNatural(type, value)) {
            return;
        }
        Form form = (expected != null && place.type() == type ? expected : forms.of(type)).exact(value);
        if (form instanceof StandIn standIn) {
            value(standIn.standsFor(value), place);
        } else if (!form.isCounted()) {
            put(form, value, place, expected);
        } else {
            int number = numbers.add(value);
            if (number >= 0) {
                progress.reference(number);
                json.writeStartObject();
                json.writeName(REFERENCE);
                json.writeNumber(number);
                json.writeEndObject();
            } else {
                number = progress.begin(form.isMadeOfParts());
                put(form, value, place, expected);
                if (progress.end(number) != Progress.NONE && form.needsFinishedParts()) {
                    throw new Refusal("its parts refer to what holds it");
                }
            }
        }
    }

    /** Writes what is most often met at a place of which nothing is known. */
    private boolean isNatural(Class<?> type, Object value) {
        if (type == String.class) {
            String text = (String) value;
            if (!Utf8.isWellFormed(text)) {
                return false;
            }
            text(text);
        } else if (type == Integer.class) {
            json.writeNumber((Integer) value);
        } else if (type == Boolean.class) {
            json.writeBoolean((Boolean) value);
        } else {
            return false;
        }
        return true;
    }

    private void put(Form form, Object value, Place place, @Nullable Form expected) {
        if (expected == null ? form.isNatural(value) : expected == form && form.isBare(this)) {
            form.write(this, value, place);
            return;
        }
        boolean other = expected != null && expected.opensObject() && !form.isDotted();
        json.writeStartObject();
        if (other) {
            json.writeName(OTHER);
            json.writeStartObject();
        }
        json.writeName(form.tag(this));
        form.write(this, value, place);
        if (other) {
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /** Writes the parts of a container, as an array. */
    void parts(Iterable<?> parts, Place place) {
        json.writeStartArray();
        try {
            for (Object part : parts) {
                value(part, place);
            }
        } catch (RuntimeException e) {
            throw Refusal.of(e).amongParts();
        }
        json.writeEndArray();
    }

    /** Writes parts which the reader will hash or compare, and answers what is known of them. */
    Progress.Keys keys(Iterable<?> parts, Place place) {
        Progress.Keys keys = progress.keys();
        keys.begin();
        parts(parts, place);
        keys.end();
        return keys;
    }

    /** Writes the pairs of a map, as an array of keys and values in turn, and answers what is known of the keys. */
    Progress.Keys pairs(Iterable<? extends Map.Entry<?, ?>> pairs, Place place) {
        Progress.Keys keys = progress.keys();
        json.writeStartArray();
        try {
            for (Map.Entry<?, ?> pair : pairs) {
                keys.begin();
                value(pair.getKey(), place.first());
                keys.end();
                value(pair.getValue(), place.second());
            }
        } catch (RuntimeException e) {
            throw Refusal.of(e).amongParts();
        }
        json.writeEndArray();
        return keys;
    }

    /** Writes text that has a form in UTF-8. */
    void text(String text) {
        if (text.length() > longestText) {
            throw new Refusal("a text of more than " + longestText + " characters");
        }
        json.writeString(text);
    }

    void bytes(byte[] bytes) {
        if (bytes.length > longestText / 4 * 3) {
            throw new Refusal("an array of more than " + longestText / 4 * 3 + " bytes");
        }
        json.writeBinary(bytes);
    }

    /** Notes that a class is named, and answers whether it is the first time in this value. */
    boolean name(int id, Class<?> type) {
        if (named.get(id)) {
            return false;
        }
        named.set(id);
        access.written(type);
        return true;
    }

    boolean isNamed(int id) {
        return named.get(id);
    }

    /** Notes a class that occurs without a form of its own. */
    void occurs(Class<?> type) {
        access.written(type);
    }

    /** Returns whether keys of this class never change and hash well. */
    boolean isPlainValue(Class<?> type) {
        return forms.of(type).isPlainValue();
    }
}
