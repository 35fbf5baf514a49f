/**
 * The file system as journals and snapshots need it, behind an interface so that tests can fail every call.
 *
 * <p>{@link io.tinyllm.cache.disk.owned.OwnedDirectory} is a directory of one process at a time, in which only files
 * under names of its owner are read or deleted.
 */
@NullMarked
package io.tinyllm.cache.disk;

import org.jspecify.annotations.NullMarked;
