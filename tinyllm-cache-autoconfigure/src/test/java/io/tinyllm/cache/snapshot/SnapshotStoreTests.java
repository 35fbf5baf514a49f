package io.tinyllm.cache.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.FaultyDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotStoreTests {

    private static final List<String> NAMES = List.of(
            "users",
            "Users",
            "USERS",
            "users-1",
            "users-1.jsonl",
            "users.jsonl",
            "../users",
            "..",
            ".",
            "",
            "%",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "a%2fb",
            "%2e%2e",
            "%2E%2E%2F",
            "nul\u0000l",
            "C:",
            "C:\\users",
            "con",
            "quotes.eu",
            "über",
            "\ud83d\ude00",
            "\ud800",
            "\ud801",
            "?",
            "a b",
            "a\nb",
            "x".repeat(100),
            "x".repeat(101),
            "x".repeat(5_000),
            "x".repeat(5_000) + "y",
            "~");

    @TempDir
    Path temp;

    private SnapshotStore store;

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
    }

    private SnapshotStore open(Disk disk) {
        store = SnapshotStore.open(disk, temp.resolve("snapshots"), 2, false);
        return store;
    }

    @Test
    void noNameOfACacheLeavesTheDirectoryOrMeetsAnother() throws Exception {
        open(Disk.local());
        Path outside = Files.writeString(temp.resolve("users-1.jsonl"), "outside");
        Set<String> lowerCase = new HashSet<>();
        for (String name : NAMES) {
            assertThat(FileName.encode(name)).as(name).matches("[a-z0-9_%~-]{1,200}");
            assertThat(lowerCase.add(FileName.encode(name).toLowerCase(java.util.Locale.ROOT)))
                    .as(name)
                    .isTrue();
            assertThat(store.generations(name)).as(name).isEmpty();
            store.save(name, (out, compressed, generation) -> out.write(name.getBytes(StandardCharsets.UTF_16BE)));
        }
        for (String name : NAMES) {
            List<SnapshotStore.Stored> generations = store.generations(name);
            assertThat(generations).as(name).hasSize(1);
            assertThat(Files.readAllBytes(generations.get(0).path()))
                    .isEqualTo(name.getBytes(StandardCharsets.UTF_16BE));
            assertThat(generations.get(0).path().toRealPath()).hasParentRaw(store.directory());
        }
        assertThat(Files.list(store.directory())).hasSize(NAMES.size() + 1);
        for (String name : NAMES) {
            assertThat(store.delete(name)).as(name).isTrue();
        }
        assertThat(Files.list(store.directory())).hasSize(1);
        assertThat(outside).hasContent("outside");
    }

    @Test
    void filesAndDirectoryAreForTheirOwnerAlone() throws Exception {
        open(Disk.local());
        store.save("users", (out, compressed, generation) -> out.write(1));
        assertThat(mode(store.directory())).isEqualTo("rwx------");
        assertThat(mode(store.directory().resolve("users-1.jsonl"))).isEqualTo("rw-------");
        assertThat(mode(store.directory().resolve(".lock"))).isEqualTo("rw-------");
    }

    @Test
    void aFileIsOnTheDiskBeforeItHasItsName() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        open(disk);
        disk.calls.clear();
        store.save("users", (out, compressed, generation) -> out.write(1));
        store.save("users", (out, compressed, generation) -> out.write(1));
        disk.calls.clear();
        store.save("users", (out, compressed, generation) -> out.write(1));
        assertThat(disk.calls)
                .containsExactly(
                        "create users-3.jsonl.tmp",
                        "sync users-3.jsonl.tmp",
                        "close users-3.jsonl.tmp",
                        "rename users-3.jsonl",
                        "syncDirectory snapshots",
                        "delete users-1.jsonl");
    }

    @Test
    void aFailureAtAnyStepLeavesTheEarlierSnapshotsAndNoTemporary() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        open(disk);
        store.save("users", (out, compressed, generation) -> out.write(1));
        for (String step : List.of("create", "sync", "close", "rename")) {
            disk.failing = step;
            assertThatThrownBy(() -> store.save("users", (out, compressed, generation) -> out.write(2)))
                    .as(step)
                    .isInstanceOf(java.io.IOException.class);
            assertThat(Files.list(store.directory())
                            .map(path -> path.getFileName().toString()))
                    .as(step)
                    .containsExactlyInAnyOrder(".lock", "users-1.jsonl");
        }
        disk.failing = "nothing";
        store.save("users", (out, compressed, generation) -> out.write(2));
        assertThat(store.generations("users")).hasSize(2);
    }

    @Test
    void sweepsWhatACrashLeftAndNothingElse() throws Exception {
        Path directory = Files.createDirectory(temp.resolve("snapshots"));
        Files.writeString(directory.resolve("users-7.jsonl.tmp"), "torn");
        Files.writeString(directory.resolve("users-8.jsonl.gz.tmp"), "torn");
        Files.writeString(directory.resolve("notes.tmp"), "a user's");
        Files.writeString(directory.resolve("users-6.jsonl"), "whole");
        open(Disk.local());
        assertThat(Files.list(directory).map(path -> path.getFileName().toString()))
                .containsExactlyInAnyOrder(".lock", "notes.tmp", "users-6.jsonl");
        store.save(
                "users", (out, compressed, generation) -> assertThat(generation).isEqualTo(7));
    }

    @Test
    void followsNoSymbolicLinkToAFile() throws Exception {
        Path secret = Files.writeString(temp.resolve("secret"), "secret");
        open(Disk.local());
        Path link = store.directory().resolve("users-1.jsonl");
        Files.createSymbolicLink(link, secret);
        assertThat(store.generations("users")).isEmpty();
        assertThatThrownBy(() -> Disk.local().open(link)).isInstanceOf(java.io.IOException.class);

        Files.createSymbolicLink(store.directory().resolve("roles-1.jsonl.tmp"), secret);
        assertThatThrownBy(() -> store.save("roles", (out, compressed, generation) -> out.write(1)))
                .isInstanceOf(java.io.IOException.class);
        assertThat(secret).hasContent("secret");
    }

    @Test
    void followsNoSymbolicLinkToALock() throws Exception {
        Path directory = Files.createDirectory(temp.resolve("snapshots"));
        Files.createSymbolicLink(directory.resolve(".lock"), temp.resolve("elsewhere"));
        assertThatThrownBy(() -> open(Disk.local())).isInstanceOf(SnapshotException.class);
        assertThat(temp.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void aDirectoryBehindALinkIsUsedByItsRealPath() throws Exception {
        Path real = Files.createDirectory(temp.resolve("real"));
        Files.createSymbolicLink(temp.resolve("snapshots"), real);
        open(Disk.local());
        assertThat(store.directory()).isEqualTo(real.toRealPath());
        store.save("users", (out, compressed, generation) -> out.write(1));
        assertThat(real.resolve("users-1.jsonl")).exists();
    }

    @Test
    void aDirectoryHasOneOwner() {
        open(Disk.local());
        assertThatThrownBy(() -> SnapshotStore.open(temp.resolve("snapshots"), 2, false))
                .isInstanceOf(SnapshotException.class)
                .hasMessageContaining("in use by another process")
                .hasMessageContaining("tinyllm.cache.snapshots.directory");
        store.close();
        open(Disk.local());
    }

    @Test
    void aDirectoryThatWasRenamedOrLostItsLockIsTakenAnewAndBelongsToOneProcessAgain() throws Exception {
        open(Disk.local());
        store.save("users", (out, compressed, generation) -> out.write(1));
        Files.move(temp.resolve("snapshots"), temp.resolve("elsewhere"));
        store.save("users", (out, compressed, generation) -> out.write(2));
        assertThat(store.generations("users")).hasSize(1);
        Files.delete(temp.resolve("snapshots/.lock"));
        store.save("users", (out, compressed, generation) -> out.write(3));
        assertThatThrownBy(() -> SnapshotStore.open(temp.resolve("snapshots"), 2, false))
                .isInstanceOf(SnapshotException.class);
        assertThat(temp.resolve("elsewhere/users-1.jsonl")).hasBinaryContent(new byte[] {1});
    }

    @Test
    void aDirectoryThatCannotBeIsRefusedByTheNameOfItsProperty() throws Exception {
        Files.writeString(temp.resolve("snapshots"), "a file");
        assertThatThrownBy(() -> open(Disk.local()))
                .isInstanceOf(SnapshotException.class)
                .hasMessageContaining(temp.resolve("snapshots").toString())
                .hasMessageContaining("tinyllm.cache.snapshots.directory");
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
