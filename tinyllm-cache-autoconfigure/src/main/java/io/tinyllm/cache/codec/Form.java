package io.tinyllm.cache.codec;

import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;

/**
 * How the objects of one kind are written as JSON and read again. An object stands either bare or as <code>{"tag":
 * bare}</code>: bare where its place names its form or, at a place that names none, where its JSON can be nothing else.
 * Forms are immutable and shared by threads.
 */
abstract class Form {

    private final SerializedString tag;
    private final boolean dotted;

    Form(String tag) {
        this.tag = new SerializedString(tag);
        this.dotted = tag.indexOf('.') >= 0;
    }

    final String tag() {
        return tag.getValue();
    }

    /** The tag of an object in this graph. Names of classes have a dot, names of fields and of the other forms none. */
    SerializableString tag(GraphWriter out) {
        return tag;
    }

    final boolean isDotted() {
        return dotted;
    }

    /** The form of this very object, where that depends on its state. */
    Form exact(Object value) {
        return this;
    }

    /** Returns whether its objects are told apart by identity, so that one which occurs twice is written once. */
    boolean isCounted() {
        return true;
    }

    /** Returns whether an object is made of its parts, so that no part can refer to it. */
    boolean isMadeOfParts() {
        return false;
    }

    /**
     * Whether the parts must be complete when the object is made of them, since they are hashed, compared or seen by
     * code.
     */
    boolean needsFinishedParts() {
        return false;
    }

    /** Returns whether a place may name this form. */
    boolean isNamedByPlaces() {
        return true;
    }

    /** Returns whether this object needs no tag at a place that names its form. */
    boolean isBare(GraphWriter out) {
        return true;
    }

    /** Returns whether the bare JSON is an object, which at its places must be told from a tag. */
    boolean opensObject() {
        return false;
    }

    /** Returns whether this object needs no tag at a place that names no form. */
    boolean isNatural(Object value) {
        return false;
    }

    /** Returns whether its objects are values without parts, and never change. */
    boolean isPlainValue() {
        return false;
    }

    /** Writes the bare JSON of an object. */
    abstract void write(GraphWriter out, Object value, Place place);

    /**
     * Reads an object; the parser is at the first token of its bare JSON, and afterwards at the last.
     *
     * @param number of the object if it is counted
     */
    abstract Object read(GraphReader in, Place place, int number);
}
