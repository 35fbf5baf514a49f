/**
 * One bound for the memory of several caches, divided by the time that their callers wait for loads.
 */
@NullMarked
package io.tinyllm.cache.tuning.budget;

import org.jspecify.annotations.NullMarked;
