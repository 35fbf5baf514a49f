/** Times to live that follow what the accesses show. */
@NullMarked
package io.tinyllm.cache.ttl;

import org.jspecify.annotations.NullMarked;
