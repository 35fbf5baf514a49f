package io.tinyllm.cache.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** The figures of a command in a page of the documentation, between two marks of that page. */
public final class Report {

    private static final String BEGIN = "<!-- begin of figures -->";
    private static final String END = "<!-- end of figures -->";

    private Report() {}

    /**
     * Replaces what stands between the marks of a page.
     * @param document made if it does not exist
     * @param figures text in Markdown
     * @throws IllegalStateException if the page lacks the marks
     */
    public static void write(Path document, String figures) throws IOException {
        String before = Files.exists(document) ? Files.readString(document) : BEGIN + END + "\n";
        int begin = before.indexOf(BEGIN);
        int end = before.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException(document + " lacks the marks " + BEGIN + " and " + END);
        }
        Files.writeString(
                document, before.substring(0, begin) + BEGIN + "\n\n" + figures + "\n" + before.substring(end));
    }

    /**
     * Writes the picture of a table, and returns the section of a page that shows both.
     * @param directory of the page; pictures are in {@code images} there
     * @param kind begins the name of the picture
     */
    public static String section(Path directory, String kind, String title, String table, String svg)
            throws IOException {
        String picture = kind + "-" + title.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-") + ".svg";
        Files.writeString(Files.createDirectories(directory.resolve("images")).resolve(picture), svg);
        return "\n### " + title + "\n\n" + table + "\n![" + title + "](images/" + picture + ")\n";
    }

    /** The date, the machine and the JVM in one sentence, without its end. */
    public static String machine(String run) {
        return String.format(
                Locale.ROOT,
                "Of %s, %s; %d processors (%s), %s",
                LocalDate.now(ZoneOffset.UTC),
                run,
                Runtime.getRuntime().availableProcessors(),
                processor(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
