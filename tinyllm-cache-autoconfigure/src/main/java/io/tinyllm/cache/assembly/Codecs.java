package io.tinyllm.cache.assembly;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;

/**
 * The codecs of the keys and values that leave the process.
 *
 * @param keys encodes keys
 * @param values encodes values
 */
public record Codecs(KeyCodec keys, ValueCodec values) {}
