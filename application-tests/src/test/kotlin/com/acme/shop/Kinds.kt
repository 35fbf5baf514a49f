package com.acme.shop

import java.util.concurrent.atomic.AtomicInteger
import org.springframework.cache.annotation.Cacheable

/** A value class is its content where it is declared, and an object of its own where it is not. */
@JvmInline
value class Isbn(val text: String)

data class Book(val title: String, val isbn: Isbn, val pages: Int? = null, val tags: List<String> = emptyList())

sealed interface Stock {
    data class Some(val count: Int, val where: Pair<String, String>) : Stock

    object None : Stock

    data object Unknown : Stock
}

open class Library {
    open val calls = AtomicInteger()

    @Cacheable("books")
    open fun book(title: String): Book {
        calls.incrementAndGet()
        return Book(title, Isbn("978"), 3, listOf("a"))
    }

    @Cacheable("stocks")
    open fun stock(title: String): Stock {
        calls.incrementAndGet()
        return when (title) {
            "none" -> Stock.None
            "unknown" -> Stock.Unknown
            else -> Stock.Some(2, "a" to "b")
        }
    }

    @Cacheable("bookLists")
    open fun books(): List<Book> {
        calls.incrementAndGet()
        return emptyList()
    }

    @Cacheable("suspended")
    open suspend fun suspended(title: String): Stock {
        calls.incrementAndGet()
        return Stock.Some(1, title to "s")
    }
}

/** For callers that cannot suspend. */
fun suspendedNow(library: Library, title: String): Stock =
    kotlinx.coroutines.runBlocking { library.suspended(title) }
