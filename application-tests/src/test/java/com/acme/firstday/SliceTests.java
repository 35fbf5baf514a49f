package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.when;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Test slices of an application that has the starter. */
class SliceTests {

    @Nested
    @WebMvcTest(
            controllers = PriceController.class,
            excludeAutoConfiguration = {
                org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration.class
            })
    @ContextConfiguration(classes = {App.class, PriceController.class})
    class OfControllers {

        @Autowired
        MockMvc mvc;

        @MockitoBean
        Prices prices;

        @Test
        void aControllerOverAMockedServiceIsTested() throws Exception {
            when(prices.price(any())).thenReturn("one", "two");
            mvc.perform(get("/prices/a")).andExpect(content().string("one"));
            mvc.perform(get("/prices/a")).andExpect(content().string("two"));
        }
    }

    @Nested
    @DataJpaTest
    @ContextConfiguration(classes = App.class)
    class OfRepositories {

        @Autowired
        jakarta.persistence.EntityManager entities;

        @Test
        void aRepositoryIsTested() {
            assertThat(entities.isOpen()).isTrue();
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class App {}

    interface Prices {

        @Cacheable("prices")
        String price(String id);
    }

    @RestController
    static class PriceController {

        private final Prices prices;

        PriceController(Prices prices) {
            this.prices = prices;
        }

        @GetMapping("/prices/{id}")
        String price(@PathVariable String id) {
            return prices.price(id);
        }
    }
}
