/**
 * A backing store in a table of a relational database.
 */
@NullMarked
package io.tinyllm.cache.write.jdbc;

import org.jspecify.annotations.NullMarked;
