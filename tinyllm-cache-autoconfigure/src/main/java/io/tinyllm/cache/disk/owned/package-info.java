/** Directories that belong to one process at a time, and the names of the files in them. */
@NullMarked
package io.tinyllm.cache.disk.owned;

import org.jspecify.annotations.NullMarked;
