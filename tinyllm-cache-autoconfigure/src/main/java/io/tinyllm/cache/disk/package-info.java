/**
 * The directories that hold what outlives the process: journals and snapshots.
 *
 * <p>{@link io.tinyllm.cache.disk.OwnedDirectory} is a directory of one process at a time, in which only files under
 * names of its owner are read or deleted. {@link io.tinyllm.cache.disk.Disk} is what it asks of the file system, so
 * that tests can fail every call.
 */
@NullMarked
package io.tinyllm.cache.disk;

import org.jspecify.annotations.NullMarked;
