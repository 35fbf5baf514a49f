package io.tinyllm.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * Makes the pictures of the documentation. Into target/screenshots, after a moment of traffic; with
 * {@code -Dscreenshots=docs/images -Dscreenshots.minutes=20} where the documentation has them, after that much.
 */
class ScreenshotTests {

    private static final Path DIRECTORY = Path.of(System.getProperty("screenshots", "target/screenshots"));

    @Test
    void picturesOfTheDashboard() {
        try (Demo demo = new Demo(Demo.UNRESTRICTED);
                Chromium chromium = new Chromium()) {
            Instant end = Instant.now().plus(Duration.ofMinutes(Integer.getInteger("screenshots.minutes", 0)));
            do {
                demo.traffic(300);
            } while (Instant.now().isBefore(end));
            shoot(chromium, demo.page(), "overview", ColorScheme.LIGHT, 1280, 900);
            shoot(chromium, demo.page(), "overview-dark", ColorScheme.DARK, 1280, 900);
            shoot(chromium, demo.page() + "#/cache/answers", "cache", ColorScheme.LIGHT, 1280, 900);
            shoot(chromium, demo.page() + "#/cache/answers", "cache-dark", ColorScheme.DARK, 1280, 900);
            shoot(chromium, demo.page() + "#/cache/orders", "orders", ColorScheme.LIGHT, 1280, 900);
            shoot(chromium, demo.page(), "overview-phone", ColorScheme.LIGHT, 390, 844);
            shoot(chromium, demo.page() + "#/cache/answers", "cache-phone", ColorScheme.DARK, 390, 844);
        }
    }

    private static void shoot(Chromium chromium, String address, String name, ColorScheme scheme, int width, int height) {
        Page page = chromium.open(address, scheme, width, height);
        page.waitForSelector("#backends, #snapshots");
        page.waitForLoadState();
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(DIRECTORY.resolve("dashboard-" + name + ".png"))
                .setFullPage(true));
        page.context().close();
    }
}
