package io.tinyllm.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documentation holds together: every page can be found, and every link leads somewhere. */
class DocumentationTests {

    private static final Path ROOT = Path.of("..");

    private static final Path DOCS = ROOT.resolve("docs");

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    private static final Pattern TEST = Pattern.compile("`(\\w+Tests)(?:\\.(\\w+))?`");

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (Path folder : List.of(ROOT, DOCS)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        assertThat(pages).hasSizeGreaterThan(20);
        return pages;
    }

    @Test
    void theIndexNamesEveryPage() throws IOException {
        String index = Files.readString(DOCS.resolve("README.md"));
        for (Path page : pages()) {
            String name = page.getFileName().toString();
            if (page.startsWith(DOCS) && !name.equals("README.md")) {
                assertThat(index).contains("](" + name + ")");
            }
        }
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                if (!link.group(1).contains("://") && !leadsSomewhere(page, link.group(1))) {
                    dead.add(page.getFileName() + ": " + link.group(1));
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? page : page.resolveSibling(file);
        return Files.exists(target) && (hash < 0 || anchors(target).contains(link.substring(hash + 1)));
    }

    /** The names that a heading is linked by. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void everyTestThatADocumentNamesExists() throws IOException {
        Set<Path> sources = sources();
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            Matcher test = TEST.matcher(Files.readString(page));
            while (test.find()) {
                if (!exists(sources, test.group(1), test.group(2))) {
                    missing.add(page.getFileName() + ": " + test.group());
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static boolean exists(Set<Path> sources, String type, String method) throws IOException {
        for (Path source : sources) {
            if (source.endsWith(type + ".java")) {
                return method == null || Files.readString(source).contains("void " + method + "(");
            }
        }
        return false;
    }

    private static Set<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith("Tests.java")).collect(Collectors.toSet());
        }
    }

    @Test
    void everyPageBeginsWithATitleAndTheProblem() throws IOException {
        for (Path page : pages()) {
            if (!page.startsWith(DOCS)) {
                continue;
            }
            List<String> lines = Files.readAllLines(page).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
            assertThat(lines.get(0)).as("%s", page).startsWith("# ");
            String second = lines.get(1).equals("## The problem") ? lines.get(2) : lines.get(1);
            assertThat(second).as("%s", page).matches("[\\p{L}`\\[*].*");
        }
    }
}
