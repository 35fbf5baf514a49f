package io.tinyllm.sample;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.springai.AnswerNotCachedException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Turns what can go wrong behind the gateway into problem details (RFC 9457).
 */
@RestControllerAdvice
class ProblemAdvice {

    @ExceptionHandler
    ProblemDetail unknownModel(UnknownModelException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, e.getMessage());
    }

    @ExceptionHandler
    ProblemDetail modelUnavailable(ModelUnavailableException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_GATEWAY, e.getMessage());
    }

    /** As RFC 9111 has it for an {@code only-if-cached} without an answer. It says what differs, and no text. */
    @ExceptionHandler
    ProblemDetail notCached(AnswerNotCachedException e) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.GATEWAY_TIMEOUT, e.getMessage());
        problem.setProperty("differing", e.differing());
        return problem;
    }

    @ExceptionHandler
    ProblemDetail tookTooLong(LoadTimeoutException e) {
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.GATEWAY_TIMEOUT, "The model is still busy with the same prompt, try again later");
    }
}
