package io.tinyllm.cache.codec;

import tools.jackson.core.JsonToken;

/** The forms of what JSON has of its own: text, int, double and boolean. Stateless. */
final class NaturalLeaves {

    static final Leaf TEXT = new Leaf("String", String.class) {
        @Override
        Form exact(Object value) {
            return Utf8.isWellFormed((String) value) ? this : CHARS;
        }

        @Override
        boolean isNatural(Object value) {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.text((String) value);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return in.text();
        }
    };

    /** Text that UTF-8 has no form of, by its characters. */
    static final Leaf CHARS = new Leaf("chars", String.class) {
        @Override
        void write(GraphWriter out, Object value, Place place) {
            String text = (String) value;
            byte[] bytes = new byte[text.length() * 2];
            for (int i = 0; i < text.length(); i++) {
                bytes[2 * i] = (byte) (text.charAt(i) >>> 8);
                bytes[2 * i + 1] = (byte) text.charAt(i);
            }
            out.bytes(bytes);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            byte[] bytes = in.bytes();
            if (bytes.length % 2 != 0) {
                throw new UnreadableException("half a character");
            }
            char[] chars = new char[bytes.length / 2];
            for (int i = 0; i < chars.length; i++) {
                chars[i] = (char) ((bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF);
            }
            return new String(chars);
        }
    };

    static final Leaf INTEGER = new Leaf("Integer", Integer.class) {
        @Override
        boolean isNatural(Object value) {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.json().writeNumber((Integer) value);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return in.intValue();
        }
    };

    static final Leaf DOUBLE = new Leaf("Double", Double.class) {
        @Override
        boolean isNatural(Object value) {
            return Double.isFinite((Double) value);
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            NaturalLeaves.write(out, (double) value);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return in.doubleValue();
        }
    };

    static final Leaf FLOAT = new Leaf("Float", Float.class) {
        @Override
        void write(GraphWriter out, Object value, Place place) {
            NaturalLeaves.write(out, (float) value);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return in.floatValue();
        }
    };

    static final Leaf BOOLEAN = new Leaf("Boolean", Boolean.class) {
        @Override
        boolean isNatural(Object value) {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.json().writeBoolean((Boolean) value);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return in.booleanValue();
        }
    };

    private NaturalLeaves() {}

    /** The form that bare JSON has at a place which names none. */
    static Form of(JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> TEXT;
            case VALUE_NUMBER_INT -> INTEGER;
            case VALUE_NUMBER_FLOAT -> DOUBLE;
            case VALUE_TRUE, VALUE_FALSE -> BOOLEAN;
            case START_ARRAY -> Lists.ARRAY_LIST;
            default -> throw new UnreadableException("no value");
        };
    }

    /** JSON has no numbers that are not finite: they are written as text. */
    static void write(GraphWriter out, double value) {
        if (Double.isFinite(value)) {
            out.json().writeNumber(value);
        } else {
            out.json().writeString(Double.toString(value));
        }
    }

    static void write(GraphWriter out, float value) {
        if (Float.isFinite(value)) {
            out.json().writeNumber(value);
        } else {
            out.json().writeString(Float.toString(value));
        }
    }
}
