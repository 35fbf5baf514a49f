package io.tinyllm.cache.write;

import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** Opens journals, and says what they hold that cannot be used. */
final class JournalOpening {

    private static final Log log = LogFactory.getLog(JournalOpening.class);

    private JournalOpening() {}

    /**
     * Opens the journal of a directory, and makes it when there is none. The directory is closed with it, or where it
     * cannot be opened.
     *
     * @param worthRenewing the bytes from which it is renewed when no more than a quarter of it is alive
     * @throws JournalException if what it holds cannot be read
     */
    static FileJournal open(
            JournalFiles files, JournalCodec codec, Fsync fsync, LongSupplier nanoTime, long worthRenewing) {
        boolean done = false;
        try {
            JournalReplay replay = JournalReplay.of(files.segments());
            warnOfDamage(files, replay);
            FileJournal journal = new FileJournal(files, replay, codec, fsync, nanoTime, worthRenewing);
            journal.begin();
            int unreadable = journal.unreadable().size();
            if (unreadable > 0) {
                log.warn("Journal " + files + ": " + unreadable
                        + " operations are kept as dead letters, since their keys cannot be read");
            }
            done = true;
            return journal;
        } catch (IOException e) {
            throw new JournalException("The journal in " + files + " cannot be read: " + e, e);
        } finally {
            if (!done) {
                files.close();
            }
        }
    }

    private static void warnOfDamage(JournalFiles files, JournalReplay replay) {
        if (replay.damaged() > 0) {
            List<String> names = Stream.concat(replay.valid().stream(), replay.leftovers().stream())
                    .filter(segment -> segment.damaged)
                    .map(segment -> segment.name)
                    .toList();
            log.warn("Journal " + files + ": " + replay.damaged() + " damaged places in " + names
                    + ", which are set aside as .damaged; what else they hold is kept");
        }
    }
}
