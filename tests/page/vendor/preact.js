export { Fragment, h, render } from "preact";
export { useEffect, useMemo, useRef, useState } from "preact/hooks";
