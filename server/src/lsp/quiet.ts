/**
 * Returns a function to call at each change; `run` follows once the event loop has made a whole turn
 * without one.
 *
 * Messages are handled one a turn, so a burst of edits that is already waiting is answered once, for
 * its last state, and a single edit is answered at once: there is no delay to choose.
 */
export function whenQuiet(run: () => void): () => void {
  let touched = false;
  let waiting = false;
  const turn = () => {
    if (touched) {
      touched = false;
      setImmediate(turn);
    } else {
      waiting = false;
      run();
    }
  };
  return () => {
    touched = true;
    if (!waiting) {
      waiting = true;
      setImmediate(turn);
    }
  };
}
