/** The figures of snapshots, each a record that an endpoint shows. */
@NullMarked
package io.tinyllm.cache.snapshot.figures;

import org.jspecify.annotations.NullMarked;
