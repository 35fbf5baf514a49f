package io.tinyllm.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** The Chromium of the system. It notes what must not happen on any page. */
final class Chromium implements AutoCloseable {

    private static final List<String> PLACES = List.of(
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
            "/snap/bin/chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium");

    /** Long enough for a machine with other things to do. */
    private static final int PATIENCE_MILLIS = 60_000;

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    Chromium() {
        Path executable = executable();
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        playwright = Playwright.create();
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setHeadless(true)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
    }

    private static Path executable() {
        return Stream.concat(Stream.ofNullable(System.getProperty("chromium")), PLACES.stream())
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "There is no Chromium here: install it (apt install chromium), or say where it is with"
                                + " -Dchromium=/path/to/it"));
    }

    /** A new tab of the size of a desk. */
    Page open(String address) {
        return open(address, ColorScheme.LIGHT, 1280, 900);
    }

    Page open(String address, ColorScheme scheme, int width, int height) {
        Page page = tab(address, scheme, width, height);
        page.navigate(address);
        return page;
    }

    /** A new tab with nothing on it, which is to show an address. */
    Page tab(String address, ColorScheme scheme, int width, int height) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setColorScheme(scheme)
                .setViewportSize(width, height)
                .setLocale("en-GB")
                .setDeviceScaleFactor(width < 600 ? 2 : 1.5));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        Page page = context.newPage();
        String host = URI.create(address).getAuthority();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add("console: " + message.text() + " at " + message.location());
            }
        });
        page.onPageError(error -> complaints.add("error: " + error));
        page.onRequest(request -> {
            if (!host.equals(URI.create(request.url()).getAuthority())) {
                complaints.add("foreign request: " + request.url());
            }
        });
        return page;
    }

    /** Fails if a page has complained or asked another host for anything since the last call. */
    void hasNothingToComplainOf() {
        List<String> found = List.copyOf(complaints);
        complaints.clear();
        assertThat(found).isEmpty();
    }

    /** Returns what pages have complained of, and forgets it. */
    List<String> takeComplaints() {
        List<String> found = List.copyOf(complaints);
        complaints.clear();
        return found;
    }

    @Override
    public void close() {
        playwright.close();
    }
}
