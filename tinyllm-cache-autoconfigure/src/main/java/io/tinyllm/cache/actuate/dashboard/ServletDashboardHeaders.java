package io.tinyllm.cache.actuate.dashboard;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Headers of the answer that the calling thread is writing. Thread-safe. */
public final class ServletDashboardHeaders implements DashboardHeaders {

    private static final boolean SECURITY = ClassUtils.isPresent(
            "org.springframework.security.web.csrf.CsrfToken", ServletDashboardHeaders.class.getClassLoader());

    @Override
    public void secure() {
        if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
            HttpServletResponse response = attributes.getResponse();
            if (response != null) {
                HEADERS.forEach(response::setHeader);
            }
        }
    }

    @Override
    public void token() {
        if (SECURITY && RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
            HttpServletResponse response = attributes.getResponse();
            if (response != null) {
                response.setHeader("Cache-Control", "no-store");
                Csrf.write(attributes.getRequest(), response);
            }
        }
    }

    /** Spring Security is there. */
    private static final class Csrf {

        static void write(HttpServletRequest request, HttpServletResponse response) {
            if (request.getAttribute(CsrfToken.class.getName()) instanceof CsrfToken token) {
                response.setHeader(TOKEN_HEADER, token.getHeaderName());
                response.setHeader(TOKEN_VALUE, token.getToken());
            }
        }
    }
}
