/** Eviction by tag: the tags of entries, and the barriers that end every entry of a tag that is older. */
@org.jspecify.annotations.NullMarked
package io.tinyllm.cache.tags;
