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
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.awaitility.Awaitility.await
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

class Refused : RuntimeException("refused")

data class Answer(val text: String, val number: Int)

@Component
class Answers {
    private val calls = AtomicInteger()
    private val gate = CompletableDeferred<Unit>()

    @Autowired @Lazy
    private lateinit var self: Answers

    @Volatile
    private var refusing = false

    fun calls() = calls.get()

    fun refuseFromNowOn() {
        refusing = true
    }

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
        if (refusing) {
            calls.incrementAndGet()
            throw Refused()
        }
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

/** What plain `@Cacheable` promises, for `suspend fun` and `Flow`: in memory and with Redis. */
@Timeout(120)
class SuspendTests {
    private fun app(
        tier: String,
        vararg properties: String,
        test: suspend (Answers, ConfigurableApplicationContext) -> Unit,
    ) {
        val shared =
            if (tier == "memory") emptyArray()
            else arrayOf(
                "tinyllm.cache.defaults.redis.enabled=true",
                "tinyllm.cache.defaults.redis.timeout=5s",
                "tinyllm.cache.defaults.memory.enabled=${tier != "redis only"}",
                "tinyllm.cache.redis.key-prefix=${UUID.randomUUID()}:",
                "spring.data.redis.port=${Apps.redis()}",
            )
        Apps.start(SuspendingApp::class.java, Apps.PLAIN, *shared, *properties).use {
            runBlocking(Dispatchers.Default) { withTimeout(60_000) { test(it.getBean(Answers::class.java), it) } }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis", "redis only"])
    fun `callers of one cold key make one call and keep no thread waiting`(tier: String) = app(tier) { answers, _ ->
        // Many more than there are threads to run them.
        val got = runBlocking(Dispatchers.Default) {
            val all = (1..500).map { async { answers.gated("a") } }
            while (answers.calls() == 0) delay(1)
            answers.open()
            all.awaitAll()
        }
        assertThat(got.toSet()).containsExactly(Answer("a", 1))
        assertThat(answers.calls()).isEqualTo(1)
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `an answer is cached, absent ones too`(tier: String) = app(tier) { answers, _ ->
        repeat(3) { assertThat(answers.answer("a")).isEqualTo(Answer("a", 1)) }
        repeat(3) { assertThat(answers.synchronized("a")).isEqualTo(Answer("a", 2)) }
        repeat(3) { assertThat(answers.nothing("a")).isNull() }
        assertThat(answers.calls()).isEqualTo(3)
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `a failure is remembered`(tier: String) =
        app(tier, "tinyllm.cache.defaults.negative.enabled=true") { answers, _ ->
            answers.refuseFromNowOn()
            repeat(3) { assertThatThrownBy { runBlocking { answers.answer("a") } }.isInstanceOf(Refused::class.java) }
            assertThat(answers.calls()).isEqualTo(1)
        }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `a stale answer is served while one load replaces it`(tier: String) = app(
        tier,
        "tinyllm.cache.defaults.time-to-live=200ms",
        "tinyllm.cache.defaults.stale-while-revalidate=60s",
        "tinyllm.cache.defaults.redis.time-to-live=200ms",
    ) { answers, _ ->
        assertThat(answers.answer("a").number).isEqualTo(1)
        delay(400)
        assertThat(answers.answer("a").number).isEqualTo(1)
        await().until { answers.calls() == 2 }
        await().until { runBlocking { answers.answer("a").number } >= 2 }
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `an answer that is read late in its life is refreshed ahead`(tier: String) = app(
        tier,
        "tinyllm.cache.defaults.time-to-live=60s",
        "tinyllm.cache.defaults.refresh-ahead=0.001",
    ) { answers, _ ->
        answers.answer("a")
        delay(100)
        assertThat(answers.answer("a").number).isEqualTo(1)
        await().until { runBlocking { answers.answer("a").number } >= 2 }
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `a stale answer covers a failure`(tier: String) = app(
        tier,
        "tinyllm.cache.defaults.time-to-live=200ms",
        "tinyllm.cache.defaults.stale-if-error=60s",
        "tinyllm.cache.defaults.redis.time-to-live=200ms",
    ) { answers, _ ->
        answers.answer("a")
        answers.refuseFromNowOn()
        delay(400)
        assertThat(answers.answer("a").number).isEqualTo(1)
        assertThat(answers.calls()).isEqualTo(2)
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `a call of the same key inside of a load runs the function`(tier: String) = app(tier) { answers, _ ->
        assertThat(answers.outer("a")).isEqualTo(Answer("a", 1))
        assertThat(answers.inner("a")).isEqualTo(Answer("a", 1))
        assertThat(answers.calls()).isEqualTo(1)
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "redis"])
    fun `a flow is cached as the list of what it emits`(tier: String) = app(tier) { answers, context ->
        repeat(3) { assertThat(answers.flow("a").toList()).containsExactly(Answer("a", 1), Answer("more", 0)) }
        assertThat(context.getBean(CacheManager::class.java).getCache("flows")!!.get("a")!!.get())
            .isEqualTo(listOf(Answer("a", 1), Answer("more", 0)))
        answers.flow("never collected")
        repeat(2) { assertThat(answers.suspendedFlow("b").toList()).containsExactly(Answer("b", 2)) }
        assertThat(answers.calls()).isEqualTo(2)
    }

    @ParameterizedTest
    @ValueSource(strings = ["answers", "flows", "nothing"])
    fun `what one instance has loaded another one reads`(cache: String) {
        val prefix = "tinyllm.cache.redis.key-prefix=${UUID.randomUUID()}:"
        val calls = (1..2).map {
            var counted = -1
            app("redis", prefix) { answers, context ->
                when (cache) {
                    "answers" -> answers.answer("a")
                    "flows" -> answers.flow("a").toList()
                    else -> answers.nothing("a")
                }
                context.getBean(CacheManager::class.java).getCache("afterwards")!!.put("sent", "before this")
                counted = answers.calls()
            }
            counted
        }
        assertThat(calls).containsExactly(1, 0)
    }
}
