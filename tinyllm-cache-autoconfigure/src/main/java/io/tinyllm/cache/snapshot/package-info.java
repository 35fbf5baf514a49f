/**
 * Warm restarts: the entries of the local tier as files of JSON lines, saved so that a crash leaves a whole one, and
 * read so that a bad one does no harm.
 */
@NullMarked
package io.tinyllm.cache.snapshot;

import org.jspecify.annotations.NullMarked;
