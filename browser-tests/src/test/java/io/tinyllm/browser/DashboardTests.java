package io.tinyllm.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.LoadState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The dashboard as a reader has it: in Chromium, over an application whose traffic is over. */
class DashboardTests {

    private static Demo demo;
    private static Chromium chromium;
    private Page page;

    @BeforeAll
    static void start() {
        demo = new Demo(Demo.UNRESTRICTED);
        demo.traffic(400);
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        demo.close();
    }

    @AfterEach
    void nothingIsWrongOnThePage() {
        page.context().close();
        chromium.hasNothingToComplainOf();
    }

    private void open(String hash) {
        page = chromium.open(demo.page() + hash);
        page.locator("#backends, #snapshots").waitFor();
    }

    /** What a figure is called, and what it is. */
    private Locator figure(Locator within, String name) {
        return within.locator("div")
                .filter(new Locator.FilterOptions()
                        .setHas(page.locator(
                                "dt", new Page.LocatorOptions().setHasText(Pattern.compile("^" + name + "$")))))
                .locator("dd")
                .first();
    }

    private Locator card(String cache) {
        return page.locator(".card")
                .filter(new Locator.FilterOptions()
                        .setHas(page.getByRole(
                                AriaRole.LINK,
                                new Page.GetByRoleOptions().setName(cache).setExact(true))));
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static String count(long value) {
        return String.format(Locale.ENGLISH, "%,d", value);
    }

    private static String percent(double share) {
        String text = String.format(Locale.ENGLISH, "%.1f", share * 100);
        return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + "\u202f%";
    }

    @Test
    void theOverviewTellsOfEveryCacheWhatTheEndpointTells() {
        open("");
        JsonNode caches = demo.ask("cacheanalytics").get("caches");
        assertThat(caches.propertyNames()).contains("answers", "prices", "orders");
        for (String name : caches.propertyNames()) {
            JsonNode figures = caches.get(name);
            Locator card = card(name);
            if (figures.get("requests").asLong() > 0) {
                assertThat(card.locator(".big"))
                        .hasText(percent(figures.get("hitRate").asDouble()));
            }
            assertThat(figure(card, "Requests"))
                    .containsText(count(figures.get("requests").asLong()));
            assertThat(figure(card, "Entries"))
                    .containsText(count(figures.get("size").asLong()));
        }
    }

    @Test
    void aCacheInDepthTellsWhatTheEndpointsTell() {
        open("#/cache/prices");
        JsonNode figures = demo.ask("cacheanalytics/prices");
        assertThat(figures.get("bypassed").asLong()).isPositive();
        assertThat(figures.get("loadFailures").asLong()).isPositive();
        Locator tiles = page.locator(".tiles");
        assertThat(figure(tiles, "Hit rate"))
                .containsText(percent(figures.get("hitRate").asDouble()));
        assertThat(figure(tiles, "Requests"))
                .containsText(count(figures.get("requests").asLong()));
        assertThat(figure(tiles, "Loads"))
                .containsText(count(figures.get("loads").asLong()));
        assertThat(figure(tiles, "Loads"))
                .containsText(count(figures.get("loadFailures").asLong()) + " failed");
        Locator sources = page.getByRole(AriaRole.TABLE, new Page.GetByRoleOptions().setName("Source"));
        assertThat(sources.locator("tr").filter(new Locator.FilterOptions().setHasText("Memory")))
                .containsText(count(figures.get("hitsByTier").get("memory").asLong()));
        assertThat(sources.locator("tr").filter(new Locator.FilterOptions().setHasText("bypass")))
                .containsText(count(figures.get("bypassed").asLong()));
        Locator hot = page.getByRole(AriaRole.TABLE, new Page.GetByRoleOptions().setName("Hot keys"));
        assertThat(hot).containsText(figures.get("hotKeys").get(0).get("key").asString());
        Locator minutes = page.locator("[data-key=chart-requests] tbody tr");
        assertThat(minutes.count()).isEqualTo(figures.get("history").size());
    }

    @Test
    void everyChartHasATableForThoseWhoDoNotSeeIt() {
        open("#/cache/answers");
        Locator charts = page.locator("figure.chart");
        assertThat(charts.count()).isGreaterThanOrEqualTo(4);
        for (Locator chart : charts.all()) {
            chart.getByText("As a table").click();
            assertThat(chart.getByRole(AriaRole.TABLE)).isVisible();
        }
    }

    @Test
    void aStepOfTuningIsTakenAndItsReasonShown() {
        open("#/cache/answers");
        int before =
                demo.ask("cachetuning/answers").get("size").get("decisions").size();
        button("Take a tuning step now").click();
        assertThat(page.getByText("A step was taken").first()).isVisible();
        JsonNode decisions = demo.ask("cachetuning/answers").get("size").get("decisions");
        assertThat(decisions.size()).isGreaterThan(before);
        assertThat(page.getByRole(AriaRole.TABLE, new Page.GetByRoleOptions().setName("Decisions on the size")))
                .containsText(decisions.get(decisions.size() - 1).get("reason").asString());
    }

    @Test
    void aCacheIsSavedAndRestored() {
        open("#/cache/answers");
        button("Save now").click();
        assertThat(page.locator(".said")).containsText("Saved");
        JsonNode newest = demo.ask("cachesnapshots").get("snapshots").get(0);
        assertThat(page.getByRole(AriaRole.TABLE, new Page.GetByRoleOptions().setName("Snapshots")))
                .containsText(count(newest.get("entries").asLong()));
        button("Restore the newest").click();
        assertThat(page.locator(".said").getByText("Restored")).isVisible();
    }

    @Test
    void deadLettersAreShownWithTheirReasonAndRetried() {
        try (Demo own = new Demo(Demo.UNRESTRICTED)) {
            own.shop().order("poison-7", "a book");
            page = chromium.open(own.page() + "#/cache/orders");
            Locator letters = page.getByRole(AriaRole.TABLE, new Page.GetByRoleOptions().setName("Dead letters"));
            assertThat(letters).containsText("poison-7");
            assertThat(letters).containsText("The table has a rule against it");
            own.store().heal();
            button("Retry the dead letters").click();
            assertThat(page.getByText("No dead letters.")).isVisible();
            assertThat(own.store().load("poison-7")).isEqualTo("a book");
            page.context().close();
        }
    }

    @Test
    void theWholePageIsReachedByKeyboardAlone() {
        open("");
        page.keyboard().press("Tab");
        assertThat(page.getByText("Skip to the figures")).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("main")).isFocused();
        tabTo("answers");
        page.keyboard().press("Enter");
        assertThat(page.getByRole(
                        AriaRole.HEADING,
                        new Page.GetByRoleOptions().setName("answers").setLevel(1)))
                .isVisible();
        tabTo("Take a tuning step now");
        page.keyboard().press("Enter");
        assertThat(page.getByText("A step was taken").first()).isVisible();
        assertThat(button("Take a tuning step now")).isFocused();
        tabTo("Save now");
        page.keyboard().press("Space");
        assertThat(page.locator(".said").getByText("Saved")).isVisible();
    }

    /** Presses the tabulator until something of this name has the focus. */
    private void tabTo(String name) {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            page.keyboard().press("Tab");
            String text = (String) page.evaluate("() => document.activeElement.textContent");
            if (name.equals(text)) {
                return;
            }
            seen.add(text);
        }
        throw new AssertionError("The tabulator never came to " + name + ", but to " + seen);
    }

    @Test
    void asksOnceInThreeSecondsAndNotAtAllWhileNobodyLooks() {
        page = chromium.tab(demo.page(), ColorScheme.LIGHT, 1280, 900);
        page.clock().install(new Clock.InstallOptions().setTime(0));
        page.navigate(demo.page());
        page.getByText("No cache uses Redis").waitFor();
        page.clock().pauseAt(3_600_000);
        page.waitForLoadState(LoadState.NETWORKIDLE);
        List<String> asked = new CopyOnWriteArrayList<>();
        page.onRequest(request -> asked.add(request.url()));
        for (int i = 1; i <= 4; i++) {
            page.clock().runFor(2900);
            assertThat(asked).hasSize(i - 1);
            page.waitForResponse("**/actuator/**", () -> page.clock().runFor(100));
            assertThat(asked).hasSize(i);
            page.waitForLoadState(LoadState.NETWORKIDLE);
            page.waitForTimeout(500);
        }
        show(false);
        page.clock().runFor(120_000);
        assertThat(asked).hasSize(4);
        page.waitForResponse("**/actuator/**", () -> show(true));
        assertThat(asked).hasSize(5);
    }

    private void show(boolean shown) {
        page.evaluate(
                "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
                        + " document.dispatchEvent(new Event('visibilitychange')); }",
                !shown);
    }

    @Test
    void keepsThePlaceOfTheReaderWhileFiguresChange() {
        open("#/cache/answers");
        page.locator("[data-key=chart-rate]").getByText("As a table").click();
        button("Save now").focus();
        page.evaluate("() => { window.marked = document.activeElement; scrollTo(0, 700); }");
        Object place = page.evaluate("() => scrollY");
        String before = figure(page.locator(".tiles"), "Requests").textContent();
        demo.shop().answer("something new");
        assertThat(figure(page.locator(".tiles"), "Requests")).not().hasText(before);
        assertThat(page.evaluate("() => document.activeElement === window.marked"))
                .isEqualTo(true);
        assertThat(page.evaluate("() => scrollY")).isEqualTo(place);
        assertThat(page.locator("[data-key=chart-rate]").getByRole(AriaRole.TABLE))
                .isVisible();
    }

    @ParameterizedTest
    @CsvSource({"LIGHT,1280,900", "DARK,1280,900", "LIGHT,390,844", "DARK,390,844"})
    void isReadableForEverybody(ColorScheme scheme, int width, int height) {
        for (String hash : List.of("", "#/cache/answers", "#/cache/orders", "#/cache/prices")) {
            page = chromium.open(demo.page() + hash, scheme, width, height);
            page.locator("#backends, #snapshots").waitFor();
            for (Locator summary : page.locator("summary").all()) {
                summary.click();
            }
            List<Rule> violations = new AxeBuilder(page).analyze().getViolations();
            assertThat(violations.stream().map(rule -> rule.getId() + ": " + rule.getNodes()))
                    .as(hash)
                    .isEmpty();
            assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                    .as("nothing sticks out at the side of " + hash)
                    .isLessThanOrEqualTo(width);
            page.context().close();
        }
    }

    @Test
    void isDarkWhereTheReaderLikesItDark() {
        page = chromium.open(demo.page(), ColorScheme.DARK, 1280, 900);
        assertThat(brightness()).isLessThan(60);
        page.context().close();
        page = chromium.open(demo.page(), ColorScheme.LIGHT, 1280, 900);
        assertThat(brightness()).isGreaterThan(200);
    }

    private int brightness() {
        return (Integer)
                page.evaluate("() => Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])");
    }

    @Test
    void saysThatThereIsNoSuchCache() {
        page = chromium.open(demo.page() + "#/cache/nobody");
        assertThat(page.locator(".note")).isVisible();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("nobody");
        assertThat(chromium.takeComplaints()).allMatch(complaint -> complaint.contains("404"));
    }

    @Test
    void keysAndNamesThatLookLikePagesStayText() {
        String hostile = "<img src=x onerror=\"document.title='owned'\">";
        demo.shop().answer(hostile);
        for (int i = 0; i < 2000; i++) {
            demo.shop().answer(hostile);
        }
        open("#/cache/answers");
        assertThat(page.getByRole(AriaRole.TABLE, new Page.GetByRoleOptions().setName("Hot keys")))
                .containsText(hostile);
        assertThat(page.locator("main img").count()).isZero();
        assertThat(page.title()).doesNotContain("owned");
    }

    @Test
    void oneKeyIsExplained() {
        demo.shop().answer("prompt 1");
        demo.shop().answer("prompt 1");
        open("#/cache/answers");
        page.getByLabel("Explain a key").fill("prompt 1");
        page.getByLabel("Explain a key").press("Enter");
        Locator facts = page.locator("[data-key=facts]");
        assertThat(facts).containsText("fresh");
        assertThat(facts).containsText("time-to-live of the cache");
        assertThat(facts).not().containsText("An answer to");
        page.getByLabel("Explain a key").fill("nobody");
        button("Explain").click();
        assertThat(facts).containsText("absent");
    }
}
