/**
 * The types that an application implements, configures or reads. Types of the JDK only, but for Spring's {@code
 * DataSize}.
 */
@NullMarked
package io.tinyllm.cache;

import org.jspecify.annotations.NullMarked;
