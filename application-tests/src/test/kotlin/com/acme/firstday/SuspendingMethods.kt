package com.acme.firstday

import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.springframework.cache.annotation.CacheConfig
import org.springframework.cache.annotation.Cacheable
import org.springframework.stereotype.Component

/** What loads of MethodKindsTests go to. */
interface Answering {
    fun answer(question: String): String?

    fun answers(question: String): List<String>
}

/** The kinds of cached methods that only Kotlin has, for MethodKindsTests. */
@Component
@CacheConfig(cacheResolver = "byQuestion")
class SuspendingMethods(private val backend: Answering) {
    @Cacheable
    suspend fun suspending(question: String): String? {
        delay(1)
        return backend.answer(question)
    }

    @Cacheable(sync = true)
    suspend fun syncSuspending(question: String): String? {
        delay(1)
        return backend.answer(question)
    }

    @Cacheable
    fun flow(question: String): Flow<String> = flow {
        delay(1)
        backend.answers(question).forEach { emit(it) }
    }
}

/** Calls them from Java. */
class SuspendingCalls(private val methods: SuspendingMethods) {
    fun suspending(question: String): String? = runBlocking { methods.suspending(question) }

    fun syncSuspending(question: String): String? = runBlocking { methods.syncSuspending(question) }

    fun flow(question: String): List<String> = runBlocking { methods.flow(question).toList() }
}
