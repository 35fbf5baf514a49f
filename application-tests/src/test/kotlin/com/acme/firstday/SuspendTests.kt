package com.acme.firstday

import java.util.UUID
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import org.springframework.beans.factory.annotation.Autowired
import org.springframework.boot.autoconfigure.EnableAutoConfiguration
import org.springframework.cache.CacheManager
import org.springframework.cache.annotation.Cacheable
import org.springframework.context.ConfigurableApplicationContext
import org.springframework.context.annotation.Configuration
import org.springframework.context.annotation.Import
import org.springframework.context.annotation.Lazy
import org.springframework.stereotype.Component

data class Answer(val text: String, val number: Int)

@Component
class Answers {
    private val calls = AtomicInteger()
    private val gate = CompletableDeferred<Unit>()

    @Autowired @Lazy
    private lateinit var self: Answers

    fun calls() = calls.get()

    fun open() {
        gate.complete(Unit)
    }

    private fun next(question: String) = Answer(question, calls.incrementAndGet())

    @Cacheable("gated")
    suspend fun gated(question: String): Answer {
        val answer = next(question)
        gate.await()
        return answer
    }

    @Cacheable("answers")
    suspend fun answer(question: String): Answer {
        delay(10)
        return next(question)
    }

    @Cacheable(cacheNames = ["synchronized"], sync = true)
    suspend fun synchronized(question: String): Answer {
        delay(10)
        return next(question)
    }

    @Cacheable("nothing")
    suspend fun nothing(question: String): Answer? {
        delay(1)
        calls.incrementAndGet()
        return null
    }

    @Cacheable("nested")
    suspend fun outer(question: String): Answer {
        delay(1)
        return self.inner(question)
    }

    @Cacheable("nested")
    suspend fun inner(question: String): Answer {
        delay(1)
        return next(question)
    }

    @Cacheable("flows")
    fun flow(question: String): Flow<Answer> = flow {
        delay(10)
        emit(next(question))
        emit(Answer("more", 0))
    }

    @Cacheable("suspendedFlows")
    suspend fun suspendedFlow(question: String): Flow<Answer> {
        delay(10)
        return flow { emit(next(question)) }
    }
}

@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(Answers::class)
class SuspendingApp

/**
 * What is Kotlin's own in `suspend fun` and `Flow`: in memory, with Redis, and with Redis alone. What they have in common
 * with other kinds of methods is in MethodKindsTests.
 */
@Timeout(120)
class SuspendTests {
    private companion object {
        private val prefix = "tinyllm.cache.redis.key-prefix=${UUID.randomUUID()}:"
        private val apps = mutableMapOf<String, ConfigurableApplicationContext>()

        fun app(tier: String) = apps.getOrPut(tier) {
            Apps.start(
                SuspendingApp::class.java,
                Apps.PLAIN,
                prefix,
                "tinyllm.cache.defaults.redis.enabled=${tier != "memory"}",
                "tinyllm.cache.defaults.redis.timeout=5s",
                "tinyllm.cache.defaults.memory.enabled=${tier != "redis only"}",
                "spring.data.redis.port=${Apps.redis()}",
            )
        }

        @JvmStatic
        @AfterAll
        fun stop() = apps.values.forEach { it.close() }
    }

    private fun on(tier: String, test: suspend (Answers, ConfigurableApplicationContext) -> Unit) {
        val app = app(tier)
        runBlocking(Dispatchers.Default) { withTimeout(60_000) { test(app.getBean(Answers::class.java), app) } }
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis", "redis only"])
    fun `callers of one cold key make one call and keep no thread waiting`(tier: String) = on(tier) { answers, _ ->
        val before = answers.calls()
        val question = "one call $tier"
        // Many more than there are threads to run them.
        val got = runBlocking(Dispatchers.Default) {
            val all = (1..500).map { async { answers.gated(question) } }
            while (answers.calls() == before) delay(1)
            answers.open()
            all.awaitAll()
        }
        assertThat(got.toSet()).hasSize(1)
        assertThat(answers.calls() - before).isEqualTo(1)
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `an answer is cached, absent ones too`(tier: String) = on(tier) { answers, _ ->
        val before = answers.calls()
        val question = "cached $tier"
        repeat(3) { assertThat(answers.answer(question)).isEqualTo(Answer(question, before + 1)) }
        repeat(3) { assertThat(answers.synchronized(question)).isEqualTo(Answer(question, before + 2)) }
        repeat(3) { assertThat(answers.nothing(question)).isNull() }
        assertThat(answers.calls() - before).isEqualTo(3)
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `a call of the same key inside of a load runs the function`(tier: String) = on(tier) { answers, _ ->
        val answer = Answer("nested $tier", answers.calls() + 1)
        assertThat(answers.outer(answer.text)).isEqualTo(answer)
        assertThat(answers.inner(answer.text)).isEqualTo(answer)
        assertThat(answers.calls()).isEqualTo(answer.number)
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `a flow is cached as the list of what it emits`(tier: String) = on(tier) { answers, context ->
        val before = answers.calls()
        val question = "flow $tier"
        val emitted = listOf(Answer(question, before + 1), Answer("more", 0))
        repeat(3) { assertThat(answers.flow(question).toList()).isEqualTo(emitted) }
        assertThat(context.getBean(CacheManager::class.java).getCache("flows")!!.get(question)!!.get())
            .isEqualTo(emitted)
        answers.flow("never collected")
        repeat(2) {
            assertThat(answers.suspendedFlow(question).toList()).containsExactly(Answer(question, before + 2))
        }
        assertThat(answers.calls() - before).isEqualTo(2)
    }

    @ParameterizedTest
    @ValueSource(strings = ["answers", "flows", "nothing"])
    fun `what one instance has loaded another one reads`(cache: String) {
        val calls = listOf("redis", "redis only").map { tier ->
            var counted = -1
            on(tier) { answers, context ->
                val before = answers.calls()
                when (cache) {
                    "answers" -> answers.answer("shared")
                    "flows" -> answers.flow("shared").toList()
                    else -> answers.nothing("shared")
                }
                context.getBean(CacheManager::class.java).getCache("afterwards")!!.put("sent", "before this")
                counted = answers.calls() - before
            }
            counted
        }
        assertThat(calls).containsExactly(1, 0)
    }
}
