package io.tinyllm.cache.codec;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * One value being read. Nothing in the bytes is trusted: each class is asked for by name before anything of it is done,
 * each number is checked, and what hashing costs is bounded. Not thread-safe.
 */
final class GraphReader {

    private static final Object UNFINISHED = new Object();

    private final JsonParser json;
    private final Forms forms;
    private final ClassAccess access;
    private final Progress progress = new Progress(UnreadableException::new);
    private final BitSet named = new BitSet();
    private final Map<String, Form> byTag = new HashMap<>();
    private final List<Filling> deferred = new ArrayList<>(0);
    private @Nullable Object[] objects = new @Nullable Object[16];
    private @Nullable Object[] stack = new @Nullable Object[32];
    private int top;

    GraphReader(JsonParser json, Forms forms, ClassAccess access) {
        this.json = json;
        this.forms = forms;
        this.access = access;
    }

    JsonParser json() {
        return json;
    }

    Progress progress() {
        return progress;
    }

    /** Reads the one value that there is. */
    @Nullable
    Object all() {
        json.nextToken();
        Object value = value(Place.ANY);
        if (json.nextToken() != null) {
            throw new UnreadableException("more than one value");
        }
        return value;
    }

    /** Reads what stands at a place; the parser is at its first token, and afterwards at its last. */
    @Nullable
    Object value(Place place) {
        progress.value();
        JsonToken token = json.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        Form expected = place.form();
        if (token == JsonToken.START_OBJECT) {
            return object(place, expected);
        }
        return make(expected != null ? expected : Forms.natural(token), place);
    }

    /** Reads what is not null. */
    Object present(Place place) {
        Object value = value(place);
        if (value == null) {
            throw new UnreadableException("null where there is none");
        }
        return value;
    }

    private @Nullable Object object(Place place, @Nullable Form expected) {
        if (expected instanceof FieldsForm bean) {
            if (bean.begins(json)) {
                if (!named.get(bean.id())) {
                    throw new UnreadableException("an object without its class");
                }
                int number = begin(bean);
                return end(bean, number, bean.readFields(this, number));
            }
        } else {
            json.nextName();
        }
        String tag = json.currentName();
        if (tag != null && tag.isEmpty() && expected instanceof FieldsForm && expected.opensObject()) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new UnreadableException("no object");
            }
            Object other = tagged(place, json.nextName());
            endOfObject();
            endOfObject();
            return other;
        }
        Object value = tagged(place, tag);
        endOfObject();
        return value;
    }

    private void endOfObject() {
        if (json.nextToken() != JsonToken.END_OBJECT) {
            throw new UnreadableException("more than one tag");
        }
    }

    private @Nullable Object tagged(Place place, @Nullable String tag) {
        if (tag == null) {
            throw new UnreadableException("no tag");
        }
        json.nextToken();
        if (tag.equals("#")) {
            int number = intValue();
            progress.reference(number);
            Object object = objects[number];
            if (object == UNFINISHED) {
                throw new UnreadableException("a reference to an object that is not made yet");
            }
            return object;
        }
        Form form = byTag.get(tag);
        if (form == null) {
            form = forms.ofTag(tag, this);
            byTag.put(tag, form);
        }
        return make(form, place);
    }

    private Object make(Form form, Place place) {
        if (!form.isCounted()) {
            return form.read(this, place, -1);
        }
        int number = begin(form);
        return end(form, number, form.read(this, place, number));
    }

    private int begin(Form form) {
        int number = progress.begin(form.isMadeOfParts());
        if (number >= objects.length) {
            objects = Arrays.copyOf(objects, objects.length * 2);
        }
        objects[number] = UNFINISHED;
        return number;
    }

    private Object end(Form form, int number, Object value) {
        objects[number] = value;
        int dependency = progress.end(number);
        if (dependency != Progress.NONE && form.needsFinishedParts()) {
            throw new UnreadableException("parts that refer to what holds them");
        }
        if (!deferred.isEmpty()) {
            settle(number, dependency);
        }
        return value;
    }

    /** Makes an object known before its parts are read, so that these may refer to it. */
    void made(int number, Object object) {
        objects[number] = object;
    }

    /** Reads the parts of an array onto a stack. Answers where they begin; {@link #take} takes them off. */
    int parts(Place place) {
        int from = top;
        array();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            push(value(place));
        }
        return from;
    }

    /** Reads parts that will be hashed or compared, as {@link #parts}. */
    int keys(Place place, Progress.Keys keys) {
        keys.begin();
        int from = parts(place);
        keys.end();
        return from;
    }

    /** Reads keys and values in turn, as {@link #parts}. */
    int pairs(Place place, Progress.Keys keys) {
        int from = top;
        array();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            keys.begin();
            push(value(place.first()));
            keys.end();
            if (json.nextToken() == JsonToken.END_ARRAY) {
                throw new UnreadableException("a key without a value");
            }
            push(value(place.second()));
        }
        return from;
    }

    @Nullable
    Object[] take(int from) {
        return take(from, Object.class);
    }

    @Nullable
    Object[] take(int from, Class<?> component) {
        Object[] parts = component == Object.class
                ? new Object[top - from]
                : (Object[]) Array.newInstance(component, top - from);
        System.arraycopy(stack, from, parts, 0, parts.length);
        Arrays.fill(stack, from, top, null);
        top = from;
        return parts;
    }

    private void push(@Nullable Object part) {
        if (top == stack.length) {
            stack = Arrays.copyOf(stack, top * 2);
        }
        stack[top++] = part;
    }

    /** Fills a container with its hashed parts, now or as soon as all that they refer to is complete. */
    void fill(Filling filling, int number, int dependency) {
        if (dependency > number) {
            filling.run();
        } else {
            filling.until = dependency;
            filling.late = true;
            deferred.add(filling);
        }
    }

    /** What waits for an object waits on for what that object itself still waits for. */
    private void settle(int number, int dependency) {
        if (dependency != Progress.NONE) {
            for (Filling filling : deferred) {
                if (filling.until >= number) {
                    filling.until = dependency;
                }
            }
            return;
        }
        List<Filling> due = new ArrayList<>();
        deferred.removeIf(filling -> filling.until >= number && due.add(filling));
        due.forEach(Filling::run);
        for (int round = 0; !due.stream().allMatch(Filling::isStable); round++) {
            if (round == 2) {
                throw new UnreadableException("parts that are equal, or whose hash codes depend on each other");
            }
            due.forEach(Filling::runAgain);
        }
    }

    Class<?> resolve(String name) {
        Class<?> type = access.resolve(name);
        if (type == null) {
            throw new UnreadableException(Fault.TYPE_NOT_ALLOWED, "a class that may not be read back");
        }
        return type;
    }

    /** Checks that a class which the place names, and not the bytes, may be read back. */
    void require(int id, Class<?> type) {
        if (!named.get(id)) {
            if (resolve(type.getName()) != type) {
                throw new UnreadableException(Fault.TYPE_NOT_ALLOWED, "another class of that name");
            }
            named.set(id);
        }
    }

    void name(int id) {
        named.set(id);
    }

    boolean isNamed(int id) {
        return named.get(id);
    }

    Form form(Class<?> type) {
        return forms.of(type);
    }

    void array() {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new UnreadableException("no array");
        }
    }

    /** Reads the next token, which ends an array. */
    void endOfArray() {
        if (json.nextToken() != JsonToken.END_ARRAY) {
            throw new UnreadableException("more than is known");
        }
    }

    String text() {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new UnreadableException("no text");
        }
        return json.getString();
    }

    byte[] bytes() {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new UnreadableException("no bytes");
        }
        return json.getBinaryValue();
    }

    int intValue() {
        return intValue(Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    int intValue(int least, int most) {
        long number = longValue();
        if (number < least || number > most) {
            throw new UnreadableException("a number out of range");
        }
        return (int) number;
    }

    long longValue() {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw new UnreadableException("no number");
        }
        return json.getLongValue();
    }

    boolean booleanValue() {
        return switch (json.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw new UnreadableException("neither true nor false");
        };
    }

    float floatValue() {
        return json.currentToken() == JsonToken.VALUE_STRING
                ? (float) notFinite()
                : (float) number(json.getFloatValue());
    }

    double doubleValue() {
        return json.currentToken() == JsonToken.VALUE_STRING ? notFinite() : number(json.getDoubleValue());
    }

    private double number(double value) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_FLOAT || !Double.isFinite(value)) {
            throw new UnreadableException("no number with a fraction");
        }
        return value;
    }

    private double notFinite() {
        return switch (json.getString()) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw new UnreadableException("no number");
        };
    }

    /** A container that is still empty, and the parts that belong into it. */
    abstract static class Filling {

        private int until;
        private boolean late;

        /** Returns whether it waits for other objects to be complete. */
        final boolean isLate() {
            return late;
        }

        abstract void run();

        /** Returns whether all parts are in it, by the hash codes that they have. */
        abstract boolean isStable();

        abstract void runAgain();
    }
}
