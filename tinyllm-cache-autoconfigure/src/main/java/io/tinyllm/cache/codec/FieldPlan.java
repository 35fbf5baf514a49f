package io.tinyllm.cache.codec;

import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;

/** How one field is written and read. Immutable. */
final class FieldPlan {

    private final SerializedString name;
    private final Field field;
    private final char kind;
    private final Place place;

    /**
     * @param name unlike those of the other fields of its objects, superclasses included
     * @param field accessible
     */
    FieldPlan(String name, Field field, Forms forms) {
        this.name = new SerializedString(name);
        this.field = field;
        Class<?> type = field.getType();
        this.kind = type.isPrimitive() ? type.descriptorString().charAt(0) : type == String.class ? 'T' : 'L';
        this.place = type.isPrimitive() ? Place.ANY : Place.of(field.getGenericType(), forms);
    }

    SerializedString name() {
        return name;
    }

    Field field() {
        return field;
    }

    /** The value of the field, boxed if it is primitive. */
    @Nullable
    Object get(Object owner) {
        try {
            return field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    void write(GraphWriter out, Object owner) {
        JsonGenerator json = out.json();
        json.writeName(name);
        try {
            switch (kind) {
                case 'I' -> json.writeNumber(field.getInt(owner));
                case 'J' -> json.writeNumber(field.getLong(owner));
                case 'Z' -> json.writeBoolean(field.getBoolean(owner));
                case 'D' -> NaturalLeaves.write(out, field.getDouble(owner));
                case 'F' -> NaturalLeaves.write(out, field.getFloat(owner));
                case 'S' -> json.writeNumber(field.getShort(owner));
                case 'B' -> json.writeNumber((short) field.getByte(owner));
                case 'C' -> json.writeNumber((int) field.getChar(owner));
                case 'T' -> text(out, (String) field.get(owner));
                default -> out.value(field.get(owner), place);
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private void text(GraphWriter out, @Nullable String text) {
        if (text == null || !Utf8.isWellFormed(text)) {
            out.value(text, place);
        } else {
            out.progress().value();
            out.text(text);
        }
    }

    /** Reads the value into the field of an object that was made without a constructor. */
    void read(GraphReader in, Object owner) {
        try {
            switch (kind) {
                case 'I' -> field.setInt(owner, in.intValue());
                case 'J' -> field.setLong(owner, in.longValue());
                case 'Z' -> field.setBoolean(owner, in.booleanValue());
                case 'D' -> field.setDouble(owner, in.doubleValue());
                case 'F' -> field.setFloat(owner, in.floatValue());
                case 'L', 'T' -> field.set(owner, in.value(place));
                default -> field.set(owner, read(in));
            }
        } catch (IllegalAccessException e) {
            throw new UnreadableException("a field that cannot be set");
        }
    }

    /** Reads the value, boxed if it is primitive. */
    @Nullable
    Object read(GraphReader in) {
        return switch (kind) {
            case 'I' -> in.intValue();
            case 'J' -> in.longValue();
            case 'Z' -> in.booleanValue();
            case 'D' -> in.doubleValue();
            case 'F' -> in.floatValue();
            case 'S' -> (short) in.intValue(Short.MIN_VALUE, Short.MAX_VALUE);
            case 'B' -> (byte) in.intValue(Byte.MIN_VALUE, Byte.MAX_VALUE);
            case 'C' -> (char) in.intValue(Character.MIN_VALUE, Character.MAX_VALUE);
            default -> in.value(place);
        };
    }
}
