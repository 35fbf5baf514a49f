/**
 * A stand-in for a model server, so that the sample runs without one: Ollama's API over a very small language model.
 */
@NullMarked
package io.tinyllm.sample.tinymodel;

import org.jspecify.annotations.NullMarked;
