package io.tinyllm.cache.spring;

import io.tinyllm.cache.codec.ValueTypes;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.cache.interceptor.CachePutOperation;
import org.springframework.cache.interceptor.CacheableOperation;
import org.springframework.core.GenericTypeResolver;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * Tells the codecs what annotated methods put into caches: their return types, as the class of the bean binds them, and
 * the types of their parameters, which keys are made of. An application in which nothing leaves the process has no
 * codecs, and its methods are not looked at. Thread-safe.
 */
public final class DeclaredTypes {

    private static final Log log = LogFactory.getLog(DeclaredTypes.class);
    private static final String CONTINUATION = "kotlin.coroutines.Continuation";

    /** What to tell, null until there are codecs. */
    private volatile @Nullable ValueTypes types;

    /** Whether the application has the annotations of JSR-107. */
    private volatile boolean standard;

    private final Map<Declared, CacheOperationSource> called = new ConcurrentHashMap<>();
    private final Set<Class<?>> declared = ConcurrentHashMap.newKeySet();
    private final Set<Declared> operations = ConcurrentHashMap.newKeySet();

    /** An operation on a method: that of a class is on many. */
    private record Declared(CacheOperation operation, Method method, Class<?> target) {

        // As they would be, but for what the JVM makes of a record's own when they are first called, at the start.

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Declared that
                    && operation.equals(that.operation)
                    && method.equals(that.method)
                    && target == that.target;
        }

        @Override
        public int hashCode() {
            return 31 * (31 * operation.hashCode() + method.hashCode()) + target.hashCode();
        }
    }

    /** Creates it, with nothing told. */
    public DeclaredTypes() {}

    /**
     * Declares what the beans of an application put into caches, so that entries can be read back before the first
     * call, and from now on what calls do. Makes no bean.
     * @param types what to tell
     * @param beans the application's beans
     * @param source knows the operations of methods, and keeps what it has found for Spring's own use; null where the
     *     application has no such methods
     */
    public void declareAll(ValueTypes types, ListableBeanFactory beans, @Nullable CacheOperationSource source) {
        standard = StandardAnnotations.arePresent();
        if (source != null) {
            for (String name : beans.getBeanDefinitionNames()) {
                Class<?> type = beans.getType(name, false);
                if (type != null) {
                    declare(types, type, source);
                }
            }
        }
        this.types = types;
        // A call that has not seen the types is among these.
        called.forEach((call, by) -> declare(types, call, by));
    }

    /**
     * Declares what a call puts into caches, where its bean was not known at the start; again does no harm.
     * @param operation what is done with the caches
     * @param method the method that is called
     * @param target the class of the bean
     * @param source knows the operations of methods
     */
    void declare(CacheOperation operation, Method method, Class<?> target, CacheOperationSource source) {
        Declared call = new Declared(operation, method, target);
        if (!called.containsKey(call) && called.putIfAbsent(call, source) == null) {
            ValueTypes known = types;
            if (known != null) {
                declare(known, call, source);
            }
        }
    }

    private void declare(ValueTypes types, Declared call, CacheOperationSource source) {
        declare(types, call.target(), source);
        declare(types, call);
    }

    private void declare(ValueTypes types, Class<?> type, CacheOperationSource source) {
        Class<?> target = ClassUtils.getUserClass(type);
        if (declared.contains(target)) {
            return;
        }
        try {
            boolean candidate = source.isCandidateClass(target);
            if (candidate || standard) {
                for (Method method : ReflectionUtils.getUniqueDeclaredMethods(target)) {
                    Collection<CacheOperation> found = candidate ? source.getCacheOperations(method, target) : null;
                    if (found != null) {
                        found.forEach(operation -> declare(types, new Declared(operation, method, target)));
                    }
                    if (standard) {
                        declareStandard(types, method, target);
                    }
                }
            }
        } catch (IllegalStateException | LinkageError partsMissing) {
            // A class that cannot be looked into, since others that it names are not there: it is proxied by nobody.
            log.debug("The methods of " + target + " are not known", partsMissing);
        }
        declared.add(target);
    }

    private void declare(ValueTypes types, Declared found) {
        if (!operations.add(found)) {
            return;
        }
        CacheOperation operation = found.operation();
        if (operation instanceof CacheableOperation || operation instanceof CachePutOperation) {
            Type value = value(found.method(), found.target());
            if (StringUtils.hasText(operation.getCacheResolver())
                    || operation.getCacheNames().isEmpty()) {
                types.declareAnywhere(value); // the resolver knows the cache, and may choose another each time
            }
            operation.getCacheNames().forEach(name -> types.declare(name, value));
        }
        declareKeys(types, found.method(), found.target());
    }

    private static void declareKeys(ValueTypes types, Method method, Class<?> target) {
        for (Type parameter : method.getGenericParameterTypes()) {
            types.allow(resolve(parameter, target));
        }
    }

    /** The type that a method puts into a cache: what its return type holds, where Spring waits for that. */
    private static Type value(Method method, Class<?> target) {
        Type[] parameters = method.getGenericParameterTypes();
        if (parameters.length > 0
                && parameters[parameters.length - 1] instanceof ParameterizedType last
                && last.getRawType().getTypeName().equals(CONTINUATION)) {
            // A suspending function of Kotlin: the continuation takes what it returns.
            Type taken = last.getActualTypeArguments()[0];
            boolean bounded = taken instanceof WildcardType wildcard && wildcard.getLowerBounds().length > 0;
            return held(resolve(bounded ? ((WildcardType) taken).getLowerBounds()[0] : taken, target));
        }
        return held(resolve(method.getGenericReturnType(), target));
    }

    private static Type resolve(Type type, Class<?> target) {
        return GenericTypeResolver.resolveType(type, target);
    }

    /** Of a publisher the value, or the list of the values; the codecs know about futures and optionals themselves. */
    private static Type held(Type type) {
        if (!(type instanceof ParameterizedType generic) || generic.getActualTypeArguments().length != 1) {
            return type;
        }
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance()
                .getAdapter(ResolvableType.forType(type).toClass());
        if (adapter == null) {
            return type;
        }
        Type value = generic.getActualTypeArguments()[0];
        return adapter.isMultiValue()
                ? ResolvableType.forClassWithGenerics(List.class, ResolvableType.forType(value))
                        .getType()
                : value;
    }

    // ------------------------------------------------------------------------------------- the annotations of JSR-107

    private static void declareStandard(ValueTypes types, Method method, Class<?> target) {
        MergedAnnotations annotations = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY);
        MergedAnnotation<?> result = annotations.get(StandardAnnotations.RESULT);
        if (result.isPresent()) {
            types.declare(StandardAnnotations.name(result, method, target), value(method, target));
            declareKeys(types, method, target);
        }
        MergedAnnotation<?> put = annotations.get(StandardAnnotations.PUT);
        if (put.isPresent()) {
            String name = StandardAnnotations.name(put, method, target);
            for (Type parameter : method.getGenericParameterTypes()) {
                types.declare(name, resolve(parameter, target)); // one of them is the value
            }
            declareKeys(types, method, target);
        }
    }
}
