package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Publication;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * Whose a load is, as far as transactions are concerned: in one that may write it sees what nobody else may see yet.
 * Reads the calling thread only; transactions of reactive chains are in their context. Thread-safe.
 */
final class Transactions {

    private static final boolean PRESENT = ClassUtils.isPresent(
            "org.springframework.transaction.support.TransactionSynchronizationManager",
            Transactions.class.getClassLoader());

    private Transactions() {}

    /** Returns {@code AT_ONCE} in a transaction that may write, whose loads are their caller's own; else null. */
    static @Nullable Publication atOnce() {
        return PRESENT && Current.mayWrite() ? Publication.AT_ONCE : null;
    }

    /** As {@link #atOnce}, but others see what it loads after the commit. */
    static @Nullable Publication afterCommit() {
        return PRESENT && Current.mayWrite() ? Current.afterCommit() : null;
    }

    /** All that names a type of transactions: loaded and verified only where there are any. */
    private static final class Current {

        static boolean mayWrite() {
            return TransactionSynchronizationManager.isActualTransactionActive()
                    && !TransactionSynchronizationManager.isCurrentTransactionReadOnly();
        }

        static Publication afterCommit() {
            return TransactionSynchronizationManager.isSynchronizationActive()
                    ? Current::publishAfterCommit
                    : Publication.AT_ONCE;
        }

        private static void publishAfterCommit(Runnable publish, Runnable abandon) {
            if (!TransactionSynchronizationManager.isSynchronizationActive()) {
                // A future that ends on another thread, or after the transaction: nothing says whether that was
                // committed.
                abandon.run();
                return;
            }
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    publish.run();
                }

                @Override
                public void afterCompletion(int status) {
                    if (status != STATUS_COMMITTED) {
                        abandon.run();
                    }
                }
            });
        }
    }
}
