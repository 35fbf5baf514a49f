package io.tinyllm.cache.assembly;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;

/**
 * The codecs of the keys and values that leave the process.
 *
 * @param keys encodes keys
 * @param values encodes values for other processes that write the same caches
 * @param lasting encodes values for the next process, which has written nothing yet
 * @param notShared takes note of what has no stored form
 */
public record Codecs(KeyCodec keys, ValueCodec values, ValueCodec lasting, NotShared notShared) {}
