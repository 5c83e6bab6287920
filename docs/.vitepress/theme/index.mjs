import DefaultTheme from "vitepress/theme-without-fonts";
import { VPFeatures } from "vitepress/theme";
import { h } from "vue";
import Diagram from "./Diagram.vue";
import PageFoot from "./PageFoot.vue";
import Recording from "./Recording.vue";
import ThemedImage from "./ThemedImage.vue";
import "./style.css";
import "./tables.css";

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { "doc-after": () => h(PageFoot) }),
  enhanceApp({ app }) {
    for (const [name, component] of Object.entries({ Diagram, Recording, ThemedImage, VPFeatures })) {
      app.component(name, component);
    }
  },
};
