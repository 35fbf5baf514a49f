package io.tinyllm.cache.llm;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fingerprint of a request: a digest of each of its fields, and one of them all. Values go in as they are and
 * cannot be read back. A builder: confined to one thread, and good for one request.
 */
public final class Fingerprint {

    /** Changes with what goes into a digest, so that a newer release never takes an older one's answer for its own. */
    private static final int VERSION = 1;

    private final long[] digests = new long[Field.values().length];
    private final Bytes[] fields = new Bytes[Field.values().length];

    /** Creates the fingerprint of a request of which nothing is known yet. */
    public Fingerprint() {
        Arrays.setAll(fields, i -> new Bytes());
    }

    /**
     * Adds a value to a field. The order of calls counts.
     * @param field the field
     * @param part names the value, for messages
     * @param value the value: of the JDK, a record or a bean
     * @throws NoStableTextException if it has no stable text
     */
    public void add(Field field, String part, @Nullable Object value) {
        ValueForm.write(fields[field.ordinal()], part, value);
    }

    /**
     * Adds the properties of a bean to a field.
     * @param selection says which of them count
     * @throws NoStableTextException if one of them has no stable text
     */
    public void addBean(Field field, String part, Object bean, Selection selection) {
        ValueForm.writeBean(fields[field.ordinal()], part, bean, selection);
    }

    /** Adds values to a field whose order does not count. */
    public void addUnordered(Field field, String part, List<? extends @Nullable Object> values) {
        byte[][] forms = new byte[values.size()][];
        for (int i = 0; i < forms.length; i++) {
            Bytes form = new Bytes();
            ValueForm.write(form, part, values.get(i));
            forms[i] = form.toByteArray();
        }
        ValueForm.writeSorted(fields[field.ordinal()], forms);
    }

    /**
     * The key under which the answer of the request is stored.
     * @param tenant whose request it is, null for nobody's in particular
     * @param model the name of the model, null where it has none
     */
    public String key(@Nullable String tenant, @Nullable String model) {
        MessageDigest sha = sha256();
        Bytes all = new Bytes();
        all.writeInt(VERSION);
        for (int i = 0; i < fields.length; i++) {
            sha.update(fields[i].array(), 0, fields[i].length());
            byte[] digest = sha.digest();
            digests[i] = ByteBuffer.wrap(digest).getLong();
            all.writeRaw(digest);
        }
        sha.update(all.array(), 0, all.length());
        return named(tenant) + "/" + named(model) + "/" + HexFormat.of().formatHex(sha.digest());
    }

    /** A short digest of each field, in the order of {@link Field}, once the {@linkplain #key key} is made. */
    public long[] digests() {
        return digests.clone();
    }

    private static String named(@Nullable String name) {
        return name == null || name.isEmpty() ? "-" : name;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** The fields of a request. */
    public enum Field {
        /** Which model is asked, and which of the application's. */
        MODEL,
        /** The options of the model. */
        OPTIONS,
        /** The instructions. */
        SYSTEM,
        /** The tools that the model may call. */
        TOOLS,
        /** The format that the answer is to have. */
        FORMAT,
        /** The messages that were said before, and who spoke when. */
        HISTORY,
        /** The present message of the user. */
        USER,
        /** Pictures, sound and the like. */
        MEDIA,
        /** On whose behalf the model is asked. */
        TENANT
    }
}
