package io.tinyllm.cache.settings;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Settings of a cache of answers of language models. */
public final class LlmSettings extends SettingsGroup {

    /**
     * Hottest temperature, from 0 to 2, whose answers are cached. Empty for every temperature. Where it is set, a
     * request without a temperature counts as hotter.
     */
    private @Nullable Double maximumTemperature;

    /**
     * Whether answers that call tools are stored.
     */
    private boolean storeToolCalls = true;

    /**
     * Whether answers are stored that were cut by length or filtered.
     */
    private boolean storeIncomplete;

    /**
     * Whether an answer is stored only if it is JSON, where JSON was asked for.
     */
    private boolean checkJson = true;

    /**
     * Names of options of the model that do not count: requests that differ in nothing else share an answer.
     */
    private List<String> ignore = new ArrayList<>();

    /** Creates settings with their defaults. */
    public LlmSettings() {}

    /** The hottest temperature whose answers are cached, null for every temperature. */
    public @Nullable Double getMaximumTemperature() {
        return maximumTemperature;
    }

    /** Sets the hottest temperature, from 0 to 2, whose answers are cached; null for every temperature. */
    public void setMaximumTemperature(@Nullable Double maximumTemperature) {
        checkMutable();
        this.maximumTemperature = maximumTemperature;
    }

    /** Returns whether answers that call tools are stored. */
    public boolean isStoreToolCalls() {
        return storeToolCalls;
    }

    /** Sets whether answers that call tools are stored. */
    public void setStoreToolCalls(boolean storeToolCalls) {
        checkMutable();
        this.storeToolCalls = storeToolCalls;
    }

    /** Returns whether truncated and filtered answers are stored. */
    public boolean isStoreIncomplete() {
        return storeIncomplete;
    }

    /** Sets whether truncated and filtered answers are stored. */
    public void setStoreIncomplete(boolean storeIncomplete) {
        checkMutable();
        this.storeIncomplete = storeIncomplete;
    }

    /** Returns whether an answer has to be JSON to be stored, where JSON was asked for. */
    public boolean isCheckJson() {
        return checkJson;
    }

    /** Sets whether an answer has to be JSON to be stored, where JSON was asked for. */
    public void setCheckJson(boolean checkJson) {
        checkMutable();
        this.checkJson = checkJson;
    }

    /** The names of options that do not count. */
    public List<String> getIgnore() {
        return ignore;
    }

    /** Sets the names of options that do not count, as they are written in properties or in Java. */
    public void setIgnore(List<String> ignore) {
        checkMutable();
        this.ignore = ignore;
    }

    @Override
    public void freeze() {
        super.freeze();
        ignore = List.copyOf(ignore);
    }

    @Override
    public void validate(String path) {
        if (maximumTemperature != null) {
            checkRange(path, "maximum-temperature", maximumTemperature, 0, 2);
        }
        for (String name : ignore) {
            checkText(path, "ignore", name, "seed");
        }
    }
}
