package io.tinyllm.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * Makes the pictures of the documentation. Into target/screenshots, after a moment of traffic; where the documentation
 * has them with {@code -Dscreenshots=docs/images -Dscreenshots.minutes=20}, after that much; of the sample, which is
 * where those of the documentation come from, with {@code -Dscreenshots.page}, the address of its dashboard.
 */
class ScreenshotTests {

    private static final Path DIRECTORY = Path.of(System.getProperty("screenshots", "target/screenshots"));

    /** Another application to look at, by the address of its dashboard. */
    private static final String ELSEWHERE = System.getProperty("screenshots.page", "");

    @Test
    void picturesOfTheDashboard() {
        try (Chromium chromium = new Chromium()) {
            if (!ELSEWHERE.isEmpty()) {
                shoot(chromium, ELSEWHERE);
                shoot(chromium, ELSEWHERE + "#/cache/completions", "tuned", ColorScheme.LIGHT, 1280, 900);
                return;
            }
            try (Demo demo = new Demo(Demo.UNRESTRICTED)) {
                Instant end = Instant.now().plus(Duration.ofMinutes(Integer.getInteger("screenshots.minutes", 0)));
                do {
                    demo.traffic(300);
                } while (Instant.now().isBefore(end));
                shoot(chromium, demo.page());
            }
        }
    }

    private static void shoot(Chromium chromium, String dashboard) {
        shoot(chromium, dashboard, "overview", ColorScheme.LIGHT, 1280, 900);
        shoot(chromium, dashboard, "overview-dark", ColorScheme.DARK, 1280, 900);
        shoot(chromium, dashboard, "overview-phone", ColorScheme.LIGHT, 390, 844);
        shoot(chromium, dashboard + "#/cache/answers", "cache", ColorScheme.LIGHT, 1280, 900);
        shoot(chromium, dashboard + "#/cache/answers", "cache-dark", ColorScheme.DARK, 1280, 900);
        shoot(chromium, dashboard + "#/cache/answers", "cache-phone", ColorScheme.DARK, 390, 844);
    }

    private static void shoot(
            Chromium chromium, String address, String name, ColorScheme scheme, int width, int height) {
        Page page = chromium.open(address, scheme, width, height);
        page.locator("#backends, #snapshots").waitFor();
        if (address.contains("#/cache/") && page.locator("button.key").count() > 0) {
            page.locator("button.key").first().click();
            page.locator("[data-key=facts]").waitFor();
        }
        page.waitForTimeout(4000);
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(DIRECTORY.resolve("dashboard-" + name + ".png"))
                .setFullPage(true));
        page.context().close();
    }
}
