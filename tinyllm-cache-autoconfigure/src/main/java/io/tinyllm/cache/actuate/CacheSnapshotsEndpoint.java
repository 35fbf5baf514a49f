package io.tinyllm.cache.actuate;

import io.tinyllm.cache.snapshot.SnapshotException;
import io.tinyllm.cache.snapshot.Snapshots;
import io.tinyllm.cache.snapshot.figures.SnapshotInfo;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * The endpoint {@code cachesnapshots}: what was saved, and saving, restoring and deleting. Answers no key and no value.
 */
@WebEndpoint(id = "cachesnapshots", defaultAccess = Access.READ_ONLY)
public final class CacheSnapshotsEndpoint {

    private final Supplier<@Nullable Snapshots> snapshots;

    /**
     * Creates the endpoint.
     * @param snapshots the snapshots, null while no cache is saved
     */
    public CacheSnapshotsEndpoint(Supplier<@Nullable Snapshots> snapshots) {
        this.snapshots = snapshots;
    }

    /** Lists the snapshots of every cache, newest first. */
    @ReadOperation
    public Map<String, List<SnapshotInfo>> snapshots() {
        Snapshots service = snapshots.get();
        return Map.of("snapshots", service == null ? List.of() : service.list());
    }

    /**
     * Saves or restores a cache.
     * @param cache its name
     * @param action {@code save} or {@code restore}
     */
    @WriteOperation
    public WebEndpointResponse<?> act(@Selector String cache, @Nullable String action) {
        Snapshots service = snapshots.get();
        if (service == null || !service.contains(cache)) {
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        }
        if ("save".equals(action)) {
            return answer(() -> new WebEndpointResponse<>(service.save(cache)));
        }
        if ("restore".equals(action)) {
            return answer(() -> new WebEndpointResponse<>(service.restore(cache)));
        }
        return error("The action is to be 'save' or 'restore'", WebEndpointResponse.STATUS_BAD_REQUEST);
    }

    /**
     * Deletes every snapshot of a cache.
     * @param cache its name
     */
    @DeleteOperation
    public WebEndpointResponse<?> delete(@Selector String cache) {
        Snapshots service = snapshots.get();
        if (service == null || !service.contains(cache)) {
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        }
        return answer(() -> {
            service.delete(cache);
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
        });
    }

    private static WebEndpointResponse<?> answer(Supplier<WebEndpointResponse<?>> operation) {
        try {
            return operation.get();
        } catch (SnapshotException e) {
            return error(String.valueOf(e.getMessage()), WebEndpointResponse.STATUS_INTERNAL_SERVER_ERROR);
        }
    }

    private static WebEndpointResponse<?> error(String message, int status) {
        return new WebEndpointResponse<>(Map.of("error", message), status);
    }
}
