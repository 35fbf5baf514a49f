package io.tinyllm.cache.disk.owned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.DiskFile;
import io.tinyllm.cache.disk.FaultyDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OwnedDirectoryTests {

    private static final String LOCK = "lock";

    @TempDir
    Path temp;

    private final Disk disk = Disk.local();
    private final List<OwnedDirectory> opened = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (OwnedDirectory directory : opened) {
            directory.close();
        }
    }

    private OwnedDirectory open(Path path) throws IOException {
        return open(disk, path);
    }

    private OwnedDirectory open(Disk on, Path path) throws IOException {
        OwnedDirectory directory = OwnedDirectory.open(on, path, LOCK, name -> name.matches("[a-z]+-[0-9]+\\.log"));
        opened.add(directory);
        return directory;
    }

    private static void write(DiskFile file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        file.write(file.size(), bytes, 0, bytes.length);
    }

    @Test
    void everythingIsForItsUserAloneFromTheMomentItExists() throws IOException {
        OwnedDirectory directory = open(temp.resolve("a/b"));
        directory.create("x-1.log").close();
        assertThat(mode(temp.resolve("a"))).isEqualTo("rwx------");
        assertThat(mode(temp.resolve("a/b"))).isEqualTo("rwx------");
        assertThat(mode(temp.resolve("a/b/x-1.log"))).isEqualTo("rw-------");
        assertThat(mode(temp.resolve("a/b/lock"))).isEqualTo("rw-------");
        try (var files = Files.list(temp.resolve("a/b"))) {
            assertThat(files.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder(LOCK, "x-1.log");
        }
    }

    @Test
    void onlyOwnNamesAreListedReadAndDeleted() throws IOException {
        OwnedDirectory directory = open(temp);
        directory.create("x-1.log").close();
        for (String foreign : List.of("x-copy.log", "x-1.log.bak", "x-1.log~", "X-1.log", "notes")) {
            Files.writeString(temp.resolve(foreign), "an administrator's");
            assertThatThrownBy(() -> directory.delete(foreign)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> directory.open(foreign)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> directory.rename("x-1.log", foreign)).isInstanceOf(IllegalArgumentException.class);
            assertThat(temp.resolve(foreign)).hasContent("an administrator's");
        }
        assertThat(directory.names()).containsExactly("x-1.log");
        assertThat(directory.strangers()).isEmpty();
    }

    @Test
    void linksPipesAndDirectoriesUnderOwnNamesAreNotFollowedAndDoNotHang() throws Exception {
        Path target = Files.writeString(temp.resolve("target"), "secret");
        Path path = Files.createDirectory(temp.resolve("owned"));
        Files.createSymbolicLink(path.resolve("x-1.log"), target);
        assertThat(new ProcessBuilder("mkfifo", path.resolve("x-2.log").toString())
                        .start()
                        .waitFor())
                .isZero();
        Files.createDirectory(path.resolve("x-3.log"));
        OwnedDirectory directory = open(path);
        assertThat(directory.names()).isEmpty();
        assertThat(directory.strangers()).containsExactlyInAnyOrder("x-1.log", "x-2.log", "x-3.log");
        for (String name : List.of("x-1.log", "x-2.log", "x-3.log")) {
            assertThatThrownBy(() -> directory.open(name)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> disk.open(path.resolve(name))).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> directory.create(name)).isInstanceOf(IOException.class);
        }
        assertThat(target).hasContent("secret");
    }

    @Test
    void aLockThatIsALinkOrAPipeIsRefused() throws Exception {
        Path linked = Files.createDirectory(temp.resolve("linked"));
        Files.createSymbolicLink(linked.resolve(LOCK), temp.resolve("elsewhere"));
        assertThatThrownBy(() -> open(linked)).isInstanceOf(IOException.class);
        assertThat(temp.resolve("elsewhere")).doesNotExist();
        Path piped = Files.createDirectory(temp.resolve("piped"));
        assertThat(new ProcessBuilder("mkfifo", piped.resolve(LOCK).toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThatThrownBy(() -> open(piped)).isInstanceOf(IOException.class);
    }

    @Test
    void filesOfAnotherUserAreNeitherReadNorListed() throws IOException {
        OwnedDirectory directory = open(new ForeignFiles(), temp);
        Files.writeString(temp.resolve("foreign-1.log"), "a journal of somebody else");
        directory.create("x-1.log").close();
        assertThat(directory.names()).containsExactly("x-1.log");
        assertThat(directory.strangers()).containsExactly("foreign-1.log");
        assertThatThrownBy(() -> directory.open("foreign-1.log")).hasMessageContaining("no file of this user");
    }

    @Test
    void aLinkInPlaceOfADirectoryWithinAnotherIsRefused() throws IOException {
        Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        Files.createSymbolicLink(temp.resolve("users"), elsewhere);
        assertThatThrownBy(() -> OwnedDirectory.openWithin(disk, temp, "users", LOCK, name -> true))
                .isInstanceOf(IOException.class);
        try (var files = Files.list(elsewhere)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aDirectoryHasOneOwnerHoweverOftenOthersTry() throws Exception {
        OwnedDirectory directory = open(temp);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> open(temp)).isInstanceOf(DirectoryInUseException.class);
        }
        // the refused attempts have not ended the lock for other processes
        assertThat(lockedForOthers()).isTrue();
        directory.close();
        assertThat(lockedForOthers()).isFalse();
        open(temp);
    }

    private boolean lockedForOthers() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        OwnedDirectoryTests.class.getName(),
                        temp.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return other.waitFor() == 3;
    }

    /** Another process that tries to take the directory. */
    public static void main(String[] args) throws IOException {
        try {
            OwnedDirectory.open(Disk.local(), Path.of(args[0]), LOCK, name -> true)
                    .close();
        } catch (DirectoryInUseException e) {
            System.exit(3);
        }
    }

    @Test
    void aRemovedOrRenamedDirectoryOrLockIsNoticedAndCanBeTakenAnew() throws IOException {
        Path path = temp.resolve("owned");
        OwnedDirectory first = open(path);
        assertThat(first.isIntact()).isTrue();
        Files.delete(path.resolve(LOCK));
        assertThat(first.isIntact()).isFalse();
        OwnedDirectory second = open(path);
        assertThat(first.isIntact()).isFalse();
        assertThat(second.isIntact()).isTrue();
        Files.move(path, temp.resolve("elsewhere"));
        assertThat(second.isIntact()).isFalse();
        OwnedDirectory third = open(path);
        Files.delete(path.resolve(LOCK));
        Files.delete(path);
        assertThat(third.isIntact()).isFalse();
    }

    @Test
    void aRenameIsFollowedByASyncOfTheDirectory() throws IOException {
        FaultyDisk faulty = new FaultyDisk();
        OwnedDirectory directory = open(faulty, temp);
        directory.create("x-1.log").close();
        faulty.calls.clear();
        directory.rename("x-1.log", "x-2.log");
        assertThat(faulty.calls).containsExactly("rename x-2.log", "syncDirectory " + temp.getFileName());
    }

    @Test
    void interruptsNeitherCloseAFileNorGetLost() throws Exception {
        OwnedDirectory directory = open(temp);
        DiskFile file = directory.create("x-1.log");
        Thread.currentThread().interrupt();
        write(file, "first ");
        file.force();
        byte[] bytes = new byte[6];
        file.readFully(0, bytes, 0, 6);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo("first ");

        // interrupts in the middle of calls
        byte[] block = new byte[1 << 20];
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.currentThread();
        Thread pest = new Thread(() -> {
            while (!done.get()) {
                writer.interrupt();
            }
        });
        pest.start();
        for (int i = 0; i < 50; i++) {
            file.write(6L + (long) i * block.length, block, 0, block.length);
        }
        done.set(true);
        while (pest.isAlive()) {
            Thread.onSpinWait();
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(file.size()).isEqualTo(6 + 50L * block.length);
        file.close();
    }

    @Test
    void aFileIsReadAsItWasWritten() throws IOException {
        OwnedDirectory directory = open(temp);
        String text = "0123456789".repeat(20_000);
        try (DiskFile file = directory.create("x-1.log")) {
            file.output().write(text.getBytes(StandardCharsets.UTF_8));
        }
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (var in = Channels.newInputStream(directory.open("x-1.log").channel())) {
            in.transferTo(read);
        }
        assertThat(read.toString(StandardCharsets.UTF_8)).isEqualTo(text);
    }

    @Test
    void anyNameOfACacheIsANameOfAFile() throws IOException {
        for (String cache : List.of("x".repeat(300), "\u4e2d".repeat(30), "../x", "..", "", "a/b", "C:x", "nul\0l")) {
            assertThat(SafeName.of(cache)).matches("[a-z0-9_%~-]{1,130}");
            assertThat(OwnedDirectory.openWithin(disk, temp, SafeName.of(cache), LOCK, name -> true))
                    .satisfies(directory -> {
                        assertThat(directory.path()).hasParentRaw(temp.toRealPath());
                        directory.close();
                    });
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** A disk where files whose names begin with "foreign" are of another user. */
    private static final class ForeignFiles implements Disk {

        private final Disk local = Disk.local();

        @Override
        public Path createDirectory(Path directory) throws IOException {
            return local.createDirectory(directory);
        }

        @Override
        public DiskFile create(Path file) throws IOException {
            return local.create(file);
        }

        @Override
        public DiskFile open(Path file) throws IOException {
            return local.open(file);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            local.rename(from, to);
        }

        @Override
        public void delete(Path file) throws IOException {
            local.delete(file);
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            local.syncDirectory(directory);
        }

        @Override
        public List<Path> list(Path directory) throws IOException {
            return local.list(directory);
        }

        @Override
        public Entry look(Path path) throws IOException {
            Entry entry = local.look(path);
            return entry != null && path.getFileName().toString().startsWith("foreign")
                    ? new Entry(entry.kind(), entry.key(), "somebody else")
                    : entry;
        }
    }
}
