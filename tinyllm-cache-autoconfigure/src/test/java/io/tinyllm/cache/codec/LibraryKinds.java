package io.tinyllm.cache.codec;

import java.math.BigDecimal;
import java.sql.Timestamp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.h2.jdbcx.JdbcDataSource;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Slice;
import org.springframework.data.domain.SliceImpl;
import org.springframework.data.domain.Sort;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.util.LinkedCaseInsensitiveMap;
import org.springframework.util.LinkedMultiValueMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Values of libraries that applications cache: each static method makes one. */
final class LibraryKinds {

    private LibraryKinds() {}

    static Page<Kinds.User> page() {
        return new PageImpl<>(
                Kinds.users(),
                PageRequest.of(1, 3, Sort.by(Sort.Order.desc("age").ignoreCase())),
                31);
    }

    static Slice<Kinds.User> unpagedSlice() {
        return new SliceImpl<>(Kinds.users());
    }

    static Pageable unpaged() {
        return Pageable.unpaged();
    }

    static List<Map<String, Object>> jdbcRows() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:rows;DB_CLOSE_DELAY=-1");
        return new JdbcTemplate(h2)
                .queryForList("select 1 as ID, cast(7 as bigint) as N, 'x' as NAME, "
                        + "cast(12.50 as decimal(10,2)) as AMOUNT, timestamp '2026-11-22 10:11:12.123' as CREATED");
    }

    static Map<String, Object> row() {
        LinkedCaseInsensitiveMap<Object> row = new LinkedCaseInsensitiveMap<>(java.util.Locale.ROOT);
        row.put("Id", 1L);
        row.put("Amount", new BigDecimal("12.50"));
        row.put("self", row);
        row.put("created", new Timestamp(5));
        return row;
    }

    static JsonNode jsonTree() {
        return JsonMapper.shared().readTree("{\"a\":1,\"b\":[true,null,1.50,\"x\",12345678901],\"c\":{}}");
    }

    static ChatResponse chatResponse() {
        return new ChatResponse(
                List.of(new Generation(
                        AssistantMessage.builder()
                                .content("hi")
                                .properties(Map.of("k", 1))
                                .build(),
                        ChatGenerationMetadata.builder().finishReason("stop").build())),
                ChatResponseMetadata.builder()
                        .id("i")
                        .model("m")
                        .usage(new DefaultUsage(3, 4))
                        .keyValue("k", 2L)
                        .build());
    }

    static org.springframework.security.core.userdetails.UserDetails userDetails() {
        return new org.springframework.security.core.userdetails.User(
                "u", "p", List.of(new SimpleGrantedAuthority("ROLE_B"), new SimpleGrantedAuthority("ROLE_A")));
    }

    static ResponseEntity<Kinds.User> responseEntity() {
        return ResponseEntity.ok()
                .header("X-A", "b")
                .contentType(MediaType.parseMediaType("text/html;charset=UTF-8"))
                .body(new Kinds.User("a", 1));
    }

    static LinkedMultiValueMap<String, String> multiValueMap() {
        LinkedMultiValueMap<String, String> map = new LinkedMultiValueMap<>();
        map.add("a", "b");
        map.add("a", "c");
        return map;
    }

    static HttpHeaders httpHeaders() {
        HttpHeaders headers = new HttpHeaders();
        headers.add("A", "b");
        headers.setContentType(MediaType.APPLICATION_JSON);
        return headers;
    }

    static MediaType mediaType() {
        return MediaType.parseMediaType("text/html;charset=UTF-8");
    }

    // ---- Kotlin

    static Object kotlinPair() {
        return new kotlin.Pair<>("a", new kotlin.Triple<>(1L, null, 'c'));
    }

    static Map<String, Object> kotlinEmptyLists() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a", kotlin.collections.CollectionsKt.emptyList());
        map.put("b", kotlin.collections.MapsKt.emptyMap());
        map.put("c", kotlin.collections.CollectionsKt.listOf(1, 2));
        map.put("d", kotlin.Unit.INSTANCE);
        map.put("e", new kotlin.ranges.IntRange(1, 3));
        return map;
    }
}
