// The Element Plus parts in use, each with its own style: only what is named here is loaded. Colours come from theme.css.
import 'element-plus/es/components/dialog/style/css'

export { ElDialog } from 'element-plus'
